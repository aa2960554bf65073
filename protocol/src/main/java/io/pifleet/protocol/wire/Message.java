package io.pifleet.protocol.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** One message of the conversation, decoded and checked. Immutable. */
public sealed interface Message
    permits Offer,
        Need,
        Message.Have,
        Message.Busy,
        Message.Refused,
        Message.Data,
        Message.Wait,
        Message.ReceiptMessage {
  MessageType type();

  /**
   * The archive is stored already.
   *
   * @param receipt the bytes of a {@link Receipt}
   * @param signature over them; empty when there is none
   */
  record Have(ByteBuffer receipt, ByteBuffer signature) implements Message {
    public Have {
      receipt = readOnly(receipt);
      signature = readOnly(signature);
    }

    @Override
    public MessageType type() {
      return MessageType.HAVE;
    }
  }

  /**
   * The archive is stored now. Its content is that of {@link Have}.
   *
   * @param receipt the bytes of a {@link Receipt}
   * @param signature over them; empty when there is none
   */
  record ReceiptMessage(ByteBuffer receipt, ByteBuffer signature) implements Message {
    public ReceiptMessage {
      receipt = readOnly(receipt);
      signature = readOnly(signature);
    }

    @Override
    public MessageType type() {
      return MessageType.RECEIPT;
    }
  }

  /**
   * Come back later.
   *
   * @param retryAfter whole seconds; the device adds jitter
   * @param reason for people; may be empty
   */
  record Busy(Duration retryAfter, String reason) implements Message {
    @Override
    public MessageType type() {
      return MessageType.BUSY;
    }
  }

  /**
   * The archive is not taken.
   *
   * @param code of a {@link ProtocolError}, or of one that a later minor version knows
   * @param retryable whether to try again with the usual back-off
   * @param text for people; may be empty
   * @param versions what the collector speaks, when that is the reason
   * @param segment which one did not match its hash, when that is the reason
   */
  record Refused(
      int code, boolean retryable, String text, Optional<Versions> versions, OptionalInt segment)
      implements Message {
    @Override
    public MessageType type() {
      return MessageType.REFUSED;
    }

    /** Without versions and segment. */
    public static Refused of(ProtocolError error, String text) {
      return new Refused(
          error.code(), error.retryable(), text, Optional.empty(), OptionalInt.empty());
    }

    /** The name of the code, or {@code code 77} for one that is not known here. */
    public String codeName() {
      return ProtocolError.of(code).map(ProtocolError::wireName).orElse("code " + code);
    }
  }

  /** Major versions that a collector speaks, both ends included. */
  record Versions(int lowest, int highest) {}

  /**
   * The granted ranges follow.
   *
   * @param grant number of the {@link Need} that this answers
   * @param bytes how many follow: the sum of its ranges
   */
  record Data(int grant, long bytes) implements Message {
    @Override
    public MessageType type() {
      return MessageType.DATA;
    }
  }

  /**
   * The collector works and will answer.
   *
   * @param doing for people; may be empty
   * @param done how much of {@code total} is done, in bytes; -1 when not said
   * @param total in bytes; -1 when not said
   */
  record Wait(String doing, long done, long total) implements Message {
    @Override
    public MessageType type() {
      return MessageType.WAIT;
    }
  }

  private static ByteBuffer readOnly(ByteBuffer bytes) {
    return bytes.asReadOnlyBuffer().order(ByteOrder.BIG_ENDIAN);
  }
}
