package io.pifleet.collector.store;

import io.pifleet.protocol.transfer.RefusedException;
import io.pifleet.protocol.wire.ProtocolError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * Keeps a reserve free on the store's file system, and promises the rest to transfers, so that two
 * that fit only one at a time are not both begun. Thread-safe.
 */
final class FreeSpace {
  private final LongSupplier usableBytes;
  private final long reserveBytes;
  private long promisedBytes;

  FreeSpace(LongSupplier usableBytes, long reserveBytes) {
    this.usableBytes = usableBytes;
    this.reserveBytes = reserveBytes;
  }

  /** What the file system says is free for this user, in bytes. */
  static LongSupplier of(Path directory) {
    return () -> {
      try {
        return Files.getFileStore(directory).getUsableSpace();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /**
   * Promises room for bytes that are still to come.
   *
   * @throws RefusedException when there is not enough
   */
  synchronized Promise promise(long bytes) throws IOException {
    long free = usableBytes() - promisedBytes;
    if (bytes > free - reserveBytes) {
      throw new RefusedException(
          ProtocolError.DISK_FULL,
          "the archive needs "
              + bytes
              + " bytes; the store has "
              + Math.max(free - reserveBytes, 0)
              + " to give away and keeps "
              + reserveBytes
              + " free");
    }
    promisedBytes += bytes;
    return new Promise(bytes);
  }

  /** Whether a write that failed did so for want of room. */
  boolean isFull(IOException failure, int bytes) {
    String text = String.valueOf(failure.getMessage());
    return text.contains("No space left")
        || text.contains("quota exceeded")
        || usableBytes.getAsLong() < bytes;
  }

  private long usableBytes() throws IOException {
    try {
      return usableBytes.getAsLong();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Room that one transfer may count on. */
  final class Promise implements AutoCloseable {
    private long bytes;

    private Promise(long bytes) {
      this.bytes = bytes;
    }

    /** So many of the bytes are on the file system now, which counts them itself. */
    void written(long count) {
      synchronized (FreeSpace.this) {
        long taken = Math.min(count, bytes);
        bytes -= taken;
        promisedBytes -= taken;
      }
    }

    /** Gives back what was not used; idempotent. */
    @Override
    public void close() {
      written(Long.MAX_VALUE);
    }
  }
}
