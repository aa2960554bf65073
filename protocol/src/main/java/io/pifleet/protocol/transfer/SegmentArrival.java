package io.pifleet.protocol.transfer;

import io.pifleet.protocol.archive.SegmentTable;
import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Hashes and stores the segments of one archive as their bytes come in, one segment at a time from
 * its start (or from behind what was held) to its end. Not thread-safe.
 */
final class SegmentArrival {
  private static final int READ_BACK_BYTES = 64 << 10;

  private final SegmentTable segments;
  private final PartialArchive partial;
  private final MessageDigest hasher = Sha256.hasher();
  private int segment = -1;
  private int hashedBytes;

  SegmentArrival(SegmentTable segments, PartialArchive partial) {
    this.segments = segments;
    this.partial = partial;
  }

  /**
   * Takes all that remains of {@code bytes}.
   *
   * @return whether the segment is complete now; {@link #matches} is due then
   */
  boolean take(int segment, int offset, ByteBuffer bytes) throws IOException {
    if (segment != this.segment || offset != hashedBytes) {
      start(segment, offset);
    }
    hashedBytes += bytes.remaining();
    hasher.update(bytes.duplicate());
    partial.write(segment, offset, bytes);
    return hashedBytes == segments.sizeBytes(segment);
  }

  /** Judges the complete segment, and tells the store. */
  boolean matches() throws IOException {
    int complete = segment;
    segment = -1;
    boolean right = Sha256.of(hasher).equals(segments.hash(complete));
    if (right) {
      partial.verified(complete);
    } else {
      partial.discard(complete);
    }
    return right;
  }

  /** Judges segments that are held whole without having been judged. */
  void judgeHeld() throws IOException {
    for (int i = 0; i < segments.count(); i++) {
      if (!partial.isVerified(i) && partial.heldBytes(i) == segments.sizeBytes(i)) {
        start(i, segments.sizeBytes(i));
        matches();
      }
    }
  }

  /** Starts over with {@code segment}, of which {@code heldBytes} are there already. */
  private void start(int segment, int heldBytes) throws IOException {
    hasher.reset();
    this.segment = segment;
    hashedBytes = 0;
    ByteBuffer buffer = heldBytes == 0 ? null : ByteBuffer.allocate(READ_BACK_BYTES);
    while (hashedBytes < heldBytes) {
      buffer.clear().limit(Math.min(buffer.capacity(), heldBytes - hashedBytes));
      partial.read(segment, hashedBytes, buffer);
      hashedBytes += buffer.flip().remaining();
      hasher.update(buffer);
    }
  }
}
