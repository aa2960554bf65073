package io.pifleet.protocol.wire;

/**
 * One field of a message: the columns of the table in protocol/README.md, section 3.2. Reader and
 * writer both work from these constants.
 *
 * @param tag 1 to 32,767
 * @param name as in the specification
 * @param required marked "R"
 * @param minBytes shortest value
 * @param maxBytes longest value, checked before anything is allocated for it
 */
record Field(int tag, String name, boolean required, int minBytes, int maxBytes) {
  /** Tag, R and length in front of every value. */
  static final int HEADER_BYTES = 6;

  static final int REQUIRED_BIT = 0x8000;
  static final int MAX_TAG = 0x7fff;

  static final Field OFFER_DEVICE = required(1, "device", 1, 64);
  static final Field OFFER_PERIOD = required(2, "period", 8, 16);
  static final Field OFFER_PART = required(3, "part", 4, 4);
  static final Field OFFER_ATTEMPT = required(4, "attempt", 16, 16);
  static final Field OFFER_MANIFEST = required(5, "manifest", 1, 1 << 20);
  static final Field OFFER_AGENT = optional(6, "agent", 0, 64);

  static final Field NEED_GRANT = required(1, "grant", 4, 4);
  static final Field NEED_RANGES =
      required(2, "ranges", Ranges.ENTRY_BYTES, Ranges.MAX_COUNT * Ranges.ENTRY_BYTES);
  static final Field NEED_HELD = optional(3, "held", 8, 8);

  static final Field RECEIPT_RECEIPT = required(1, "receipt", 1, 4096);
  static final Field RECEIPT_SIGNATURE = optional(2, "signature", 0, 1024);

  static final Field BUSY_RETRY_AFTER = required(1, "retry-after", 4, 4);
  static final Field BUSY_REASON = optional(2, "reason", 0, 1024);

  static final Field REFUSED_CODE = required(1, "code", 2, 2);
  static final Field REFUSED_RETRYABLE = required(2, "retryable", 1, 1);
  static final Field REFUSED_TEXT = optional(3, "text", 0, 1024);
  static final Field REFUSED_VERSIONS = optional(4, "versions", 4, 4);
  static final Field REFUSED_SEGMENT = optional(5, "segment", 4, 4);

  static final Field DATA_GRANT = required(1, "grant", 4, 4);
  static final Field DATA_BYTES = required(2, "bytes", 8, 8);

  static final Field WAIT_DOING = optional(1, "doing", 0, 64);
  static final Field WAIT_DONE = optional(2, "done", 8, 8);
  static final Field WAIT_TOTAL = optional(3, "total", 8, 8);

  private static Field required(int tag, String name, int minBytes, int maxBytes) {
    return new Field(tag, name, true, minBytes, maxBytes);
  }

  private static Field optional(int tag, String name, int minBytes, int maxBytes) {
    return new Field(tag, name, false, minBytes, maxBytes);
  }
}
