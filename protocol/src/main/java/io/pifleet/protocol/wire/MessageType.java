package io.pifleet.protocol.wire;

import java.util.Optional;

/** The messages and what they may hold: the table of protocol/README.md, section 3.2. */
public enum MessageType {
  OFFER(
      1,
      1_052_672,
      Field.OFFER_DEVICE,
      Field.OFFER_PERIOD,
      Field.OFFER_PART,
      Field.OFFER_ATTEMPT,
      Field.OFFER_MANIFEST,
      Field.OFFER_AGENT),
  NEED(2, 53_248, Field.NEED_GRANT, Field.NEED_RANGES, Field.NEED_HELD),
  HAVE(3, 8_192, Field.RECEIPT_RECEIPT, Field.RECEIPT_SIGNATURE),
  BUSY(4, 8_192, Field.BUSY_RETRY_AFTER, Field.BUSY_REASON),
  REFUSED(
      5,
      8_192,
      Field.REFUSED_CODE,
      Field.REFUSED_RETRYABLE,
      Field.REFUSED_TEXT,
      Field.REFUSED_VERSIONS,
      Field.REFUSED_SEGMENT),
  DATA(6, 8_192, Field.DATA_GRANT, Field.DATA_BYTES),
  WAIT(7, 8_192, Field.WAIT_DOING, Field.WAIT_DONE, Field.WAIT_TOTAL),
  RECEIPT(8, 8_192, Field.RECEIPT_RECEIPT, Field.RECEIPT_SIGNATURE);

  /** Type, number of fields and length in front of every message. */
  static final int HEADER_BYTES = 8;

  /** Most fields in one message, known and unknown ones together. */
  static final int MAX_FIELDS = 64;

  private static final MessageType[] TABLE = values();

  private final int code;
  private final int maxFieldsBytes;

  @SuppressWarnings("ImmutableEnumChecker") // filled once, by the constants above
  private final Field[] fields; // in the order of their tags, which start with 1

  MessageType(int code, int maxFieldsBytes, Field... fields) {
    this.code = code;
    this.maxFieldsBytes = maxFieldsBytes;
    this.fields = fields;
  }

  public int code() {
    return code;
  }

  /** Most bytes that the fields and their headers may have together. */
  public int maxFieldsBytes() {
    return maxFieldsBytes;
  }

  static Optional<MessageType> of(int code) {
    return code >= 1 && code <= TABLE.length ? Optional.of(TABLE[code - 1]) : Optional.empty();
  }

  int fieldCount() {
    return fields.length;
  }

  /** The field at {@code index}, whose tag is {@code index + 1}. */
  Field field(int index) {
    return fields[index];
  }
}
