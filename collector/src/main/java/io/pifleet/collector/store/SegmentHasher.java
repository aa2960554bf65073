package io.pifleet.collector.store;

import io.pifleet.protocol.archive.Sha256;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;

/** Hashes ranges of files through one buffer. Not thread-safe. */
final class SegmentHasher {
  private static final int BUFFER_BYTES = 64 << 10; // past this, a read gets no cheaper

  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private final MessageDigest hasher = Sha256.hasher();

  /**
   * @throws EOFException when the file ends inside the range
   */
  Sha256 hash(FileChannel file, long position, int lengthBytes) throws IOException {
    long at = position;
    int rest = lengthBytes;
    hasher.reset();
    while (rest > 0) {
      buffer.clear().limit(Math.min(rest, buffer.capacity()));
      int read = file.read(buffer, at);
      if (read < 0) {
        throw new EOFException("the file ends at " + at + ", inside a segment");
      }
      hasher.update(buffer.array(), 0, read);
      at += read;
      rest -= read;
    }
    return Sha256.of(hasher);
  }
}
