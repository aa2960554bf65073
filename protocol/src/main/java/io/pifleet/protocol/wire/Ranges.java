package io.pifleet.protocol.wire;

import java.nio.ByteBuffer;

/**
 * The ranges of a grant, in the order in which their bytes are sent: a view of their bytes on the
 * wire, each segment index, offset in the segment, length as 32 bits. Immutable.
 */
public final class Ranges {
  /** Most ranges in one grant. */
  public static final int MAX_COUNT = 4096;

  static final int ENTRY_BYTES = 12;

  private final ByteBuffer entries; // position 0, limit at the end of the last entry
  private final long totalBytes;

  private Ranges(ByteBuffer entries, long totalBytes) {
    this.entries = entries;
    this.totalBytes = totalBytes;
  }

  /**
   * @throws ProtocolException when a number is past 2^31 - 1, or a range is empty
   */
  static Ranges read(ByteBuffer value) throws ProtocolException {
    if (value.remaining() % ENTRY_BYTES != 0) {
      throw new ProtocolException(
          ProtocolError.FIELD,
          "ranges has " + value.remaining() + " bytes; wanted: a multiple of " + ENTRY_BYTES);
    }
    long total = 0;
    for (int at = 0; at < value.limit(); at += ENTRY_BYTES) {
      int segment = value.getInt(at);
      int offset = value.getInt(at + 4);
      int length = value.getInt(at + 8);
      if (segment < 0 || offset < 0 || length < 1) {
        throw new ProtocolException(
            ProtocolError.FIELD,
            String.format(
                "range %d is (%s, %s, %s); wanted: numbers below 2^31, length at least 1",
                at / ENTRY_BYTES,
                Integer.toUnsignedString(segment),
                Integer.toUnsignedString(offset),
                Integer.toUnsignedString(length)));
      }
      total += length;
    }
    return new Ranges(value, total);
  }

  public int count() {
    return entries.limit() / ENTRY_BYTES;
  }

  public int segment(int index) {
    return entries.getInt(index * ENTRY_BYTES);
  }

  /** Offset in the segment. */
  public int offset(int index) {
    return entries.getInt(index * ENTRY_BYTES + 4);
  }

  /** Length in bytes, at least 1. */
  public int length(int index) {
    return entries.getInt(index * ENTRY_BYTES + 8);
  }

  /** Sum of the lengths. */
  public long totalBytes() {
    return totalBytes;
  }

  ByteBuffer bytes() {
    return entries.duplicate();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ranges that && entries.equals(that.entries);
  }

  @Override
  public int hashCode() {
    return entries.hashCode();
  }

  @Override
  public String toString() {
    return count() + " ranges, " + totalBytes + " bytes";
  }

  /** Collects ranges in their order. Not thread-safe. */
  public static final class Builder {
    private ByteBuffer entries = ByteBuffer.allocate(16 * ENTRY_BYTES);
    private long totalBytes;

    public int count() {
      return entries.position() / ENTRY_BYTES;
    }

    public long totalBytes() {
      return totalBytes;
    }

    public Builder add(int segment, int offset, int length) {
      if (segment < 0 || offset < 0 || length < 1 || count() == MAX_COUNT) {
        throw new IllegalArgumentException(
            "range " + count() + " is (" + segment + ", " + offset + ", " + length + ")");
      }
      if (!entries.hasRemaining()) {
        entries = ByteBuffer.allocate(2 * entries.capacity()).put(entries.flip());
      }
      entries.putInt(segment).putInt(offset).putInt(length);
      totalBytes += length;
      return this;
    }

    public Ranges build() {
      return new Ranges(entries.duplicate().flip(), totalBytes);
    }
  }
}
