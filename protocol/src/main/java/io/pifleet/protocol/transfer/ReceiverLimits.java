package io.pifleet.protocol.transfer;

import java.time.Duration;

/**
 * Limits of a receiver: protocol/README.md, section 3.6.
 *
 * @param grantMaxBytes most bytes granted by one NEED, at least 1
 * @param offerSilence without a byte while preamble and OFFER are awaited
 * @param offerTotal for preamble and OFFER in all
 * @param replySilence without a byte while DATA or the next OFFER is awaited
 * @param dataSilence without a byte inside a grant, or while the device takes no message
 * @param waitInterval between two WAITs
 * @param takeoverPatience for an older receiver to end
 * @param linger for reading what still comes after BUSY or REFUSED
 */
public record ReceiverLimits(
    long grantMaxBytes,
    Duration offerSilence,
    Duration offerTotal,
    Duration replySilence,
    Duration dataSilence,
    Duration waitInterval,
    Duration takeoverPatience,
    Duration linger) {
  /** As in the specification, with grants of 16 MiB. */
  public static final ReceiverLimits DEFAULT =
      new ReceiverLimits(
          16L << 20,
          Duration.ofSeconds(30),
          Duration.ofSeconds(300),
          Duration.ofSeconds(60),
          Duration.ofSeconds(120),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(2));

  public ReceiverLimits {
    if (grantMaxBytes < 1) {
      throw new IllegalArgumentException("grant-max is " + grantMaxBytes + "; wanted: 1 or more");
    }
  }

  public ReceiverLimits withGrantMaxBytes(long bytes) {
    return new ReceiverLimits(
        bytes,
        offerSilence,
        offerTotal,
        replySilence,
        dataSilence,
        waitInterval,
        takeoverPatience,
        linger);
  }
}
