package io.pifleet.protocol.archive;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The segments of one archive, in their order: hash, size and place of each. 36 bytes a segment, so
 * that the largest manifest costs less than 300 KiB. Immutable once built.
 */
public final class SegmentTable {
  /** Longest segment, in bytes. */
  public static final int MAX_SEGMENT_BYTES = 4 << 20;

  /** Most segments in one archive. */
  public static final int MAX_SEGMENTS = 8192;

  private final byte[] hashes;
  private final int[] sizes;
  private final long totalBytes;

  private SegmentTable(byte[] hashes, int[] sizes, long totalBytes) {
    this.hashes = hashes;
    this.sizes = sizes;
    this.totalBytes = totalBytes;
  }

  public int count() {
    return sizes.length;
  }

  /** Bytes of all segments together; the archive's end is not among them. */
  public long totalBytes() {
    return totalBytes;
  }

  /** Size of segment {@code index} in bytes, 1 to {@link #MAX_SEGMENT_BYTES}. */
  public int sizeBytes(int index) {
    return sizes[index];
  }

  public Sha256 hash(int index) {
    return Sha256.read(ByteBuffer.wrap(hashes, index * Sha256.BYTES, Sha256.BYTES));
  }

  /** Where each segment starts in the archive; one more entry at the end: {@link #totalBytes}. */
  public long[] offsets() {
    long[] offsets = new long[sizes.length + 1];
    for (int i = 0; i < sizes.length; i++) {
      offsets[i + 1] = offsets[i] + sizes[i];
    }
    return offsets;
  }

  /** Collects segments in their order. Not thread-safe. */
  public static final class Builder {
    private byte[] hashes = new byte[64 * Sha256.BYTES];
    private int[] sizes = new int[64];
    private int count;
    private long totalBytes;

    public int count() {
      return count;
    }

    /**
     * @throws IllegalArgumentException for a size or a number of segments outside the limits
     */
    public Builder add(Sha256 hash, long sizeBytes) {
      if (sizeBytes < 1 || sizeBytes > MAX_SEGMENT_BYTES) {
        throw new IllegalArgumentException(
            "size of segment "
                + count
                + " is "
                + sizeBytes
                + "; wanted: 1 to "
                + MAX_SEGMENT_BYTES);
      }
      if (count == MAX_SEGMENTS) {
        throw new IllegalArgumentException("more than " + MAX_SEGMENTS + " segments");
      }
      if (count == sizes.length) {
        sizes = Arrays.copyOf(sizes, 2 * count);
        hashes = Arrays.copyOf(hashes, 2 * count * Sha256.BYTES);
      }
      hash.write(ByteBuffer.wrap(hashes, count * Sha256.BYTES, Sha256.BYTES));
      sizes[count++] = (int) sizeBytes;
      totalBytes += sizeBytes;
      return this;
    }

    public SegmentTable build() {
      return new SegmentTable(
          Arrays.copyOf(hashes, count * Sha256.BYTES), Arrays.copyOf(sizes, count), totalBytes);
    }
  }
}
