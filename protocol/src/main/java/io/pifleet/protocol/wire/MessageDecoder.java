package io.pifleet.protocol.wire;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.DeviceId;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/** Makes a message of the values of its fields, whose lengths have been checked. */
final class MessageDecoder {
  private final MessageType type;
  private final byte[][] values;

  /**
   * @param values by index of their field in {@code type}; null where absent. The value of {@link
   *     Field#OFFER_MANIFEST} is its length
   */
  MessageDecoder(MessageType type, byte[][] values) {
    this.type = type;
    this.values = values;
  }

  Message decode() throws ProtocolException {
    return switch (type) {
      case OFFER -> offer();
      case NEED ->
          new Need(
              u32(Field.NEED_GRANT, 1),
              Ranges.read(bytes(Field.NEED_RANGES)),
              u64(Field.NEED_HELD));
      case HAVE -> new Message.Have(bytes(Field.RECEIPT_RECEIPT), bytes(Field.RECEIPT_SIGNATURE));
      case BUSY ->
          new Message.Busy(
              Duration.ofSeconds(u32(Field.BUSY_RETRY_AFTER, 0)), printable(Field.BUSY_REASON));
      case REFUSED -> refused();
      case DATA -> new Message.Data(u32(Field.DATA_GRANT, 1), u64(Field.DATA_BYTES));
      case WAIT ->
          new Message.Wait(
              printable(Field.WAIT_DOING), u64(Field.WAIT_DONE), u64(Field.WAIT_TOTAL));
      case RECEIPT ->
          new Message.ReceiptMessage(bytes(Field.RECEIPT_RECEIPT), bytes(Field.RECEIPT_SIGNATURE));
    };
  }

  private Offer offer() throws ProtocolException {
    String device = text(Field.OFFER_DEVICE);
    if (!DeviceId.isValid(device)) {
      throw malformed(Field.OFFER_DEVICE, "not a device id");
    }
    String period = text(Field.OFFER_PERIOD);
    if (!ArchiveName.isPeriod(period)) {
      throw malformed(Field.OFFER_PERIOD, "neither YYYY-Www nor YYYYMMDDTHHMMSSZ");
    }
    int part = u32(Field.OFFER_PART, 0);
    if (part < 1 || part > ArchiveName.MAX_PART) {
      throw malformed(Field.OFFER_PART, part + "; wanted: 1 to " + ArchiveName.MAX_PART);
    }
    ByteBuffer attempt = bytes(Field.OFFER_ATTEMPT);
    return new Offer(
        device,
        new ArchiveName(period, part),
        new UUID(attempt.getLong(), attempt.getLong()),
        printable(Field.OFFER_AGENT),
        bytes(Field.OFFER_MANIFEST).getInt());
  }

  private Message.Refused refused() throws ProtocolException {
    byte retryable = bytes(Field.REFUSED_RETRYABLE).get();
    if (retryable != 0 && retryable != 1) {
      throw malformed(Field.REFUSED_RETRYABLE, retryable + "; wanted: 0 or 1");
    }
    ByteBuffer versions = bytes(Field.REFUSED_VERSIONS);
    ByteBuffer segment = bytes(Field.REFUSED_SEGMENT);
    return new Message.Refused(
        Short.toUnsignedInt(bytes(Field.REFUSED_CODE).getShort()),
        retryable == 1,
        printable(Field.REFUSED_TEXT),
        versions.hasRemaining()
            ? Optional.of(
                new Message.Versions(
                    Short.toUnsignedInt(versions.getShort()),
                    Short.toUnsignedInt(versions.getShort())))
            : Optional.empty(),
        segment.hasRemaining()
            ? OptionalInt.of(u32(Field.REFUSED_SEGMENT, 0))
            : OptionalInt.empty());
  }

  /** The value, or nothing when the field is absent. */
  private ByteBuffer bytes(Field field) {
    byte[] value = values[field.tag() - 1];
    return ByteBuffer.wrap(value == null ? new byte[0] : value);
  }

  private int u32(Field field, int least) throws ProtocolException {
    int value = bytes(field).getInt();
    if (value < least) {
      throw malformed(
          field, Integer.toUnsignedString(value) + "; wanted: " + least + " to 2147483647");
    }
    return value;
  }

  /** -1 when the field is absent. */
  private long u64(Field field) throws ProtocolException {
    ByteBuffer value = bytes(field);
    if (!value.hasRemaining()) {
      return -1;
    }
    long number = value.getLong();
    if (number < 0) {
      throw malformed(field, Long.toUnsignedString(number) + "; wanted: below 2^63");
    }
    return number;
  }

  private String text(Field field) throws ProtocolException {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes(field)).toString();
      if (text.indexOf(0) < 0) {
        return text;
      }
    } catch (CharacterCodingException e) {
      throw new ProtocolException(
          ProtocolError.FIELD, field.name() + " of " + type + " is not UTF-8", e);
    }
    throw malformed(field, "text with a NUL");
  }

  /** Text that people will read: nothing in it moves a cursor. */
  private String printable(Field field) throws ProtocolException {
    String text = text(field);
    StringBuilder clean = null;
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        clean = clean == null ? new StringBuilder(text) : clean;
        clean.setCharAt(i, '?');
      }
    }
    return clean == null ? text : clean.toString();
  }

  private ProtocolException malformed(Field field, String found) {
    return new ProtocolException(
        ProtocolError.FIELD, field.name() + " of " + type + " is " + found);
  }
}
