package io.pifleet.protocol.transfer;

import io.pifleet.protocol.wire.Receipt;
import java.time.Duration;
import java.util.OptionalInt;

/** What a collector said in the end to the offer of an archive. */
public sealed interface Outcome {
  /**
   * The archive is stored; device and digest of the receipt are those of the offer.
   *
   * @param receipt what it says
   * @param receiptBytes what has to be kept, durably
   * @param already whether it had been stored before this offer
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  record Stored(Receipt receipt, byte[] receiptBytes, boolean already) implements Outcome {}

  /**
   * The collector has no time for this device now. It ends the connection.
   *
   * @param retryAfter to which the device adds jitter
   * @param reason for people; may be empty
   */
  record Busy(Duration retryAfter, String reason) implements Outcome {}

  /**
   * The collector does not take this archive. It ends the connection.
   *
   * @param code of a {@link io.pifleet.protocol.wire.ProtocolError}, or of one that is not known
   *     here
   * @param codeName {@code disk-full}, or {@code code 77}
   * @param retryable whether to try again with the usual back-off; otherwise once a day
   * @param text for people; may be empty
   * @param segment the one that did not match its hash, when that is the reason
   */
  record Refused(int code, String codeName, boolean retryable, String text, OptionalInt segment)
      implements Outcome {}
}
