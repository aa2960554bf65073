package io.pifleet.collector.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second collector out of a store: fcntl(2) lock on {@code STORE/.lock}, which the kernel
 * drops when the process ends, however it ends. Owned by the {@link ArchiveStore}.
 */
final class StoreLock implements Closeable {
  private final FileChannel channel;

  private StoreLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws StoreInUseException when somebody else holds it; the message says who
   */
  static StoreLock take(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    boolean taken = false;
    try {
      if (!locked(channel)) {
        throw new StoreInUseException(
            "the store " + file.getParent() + " is in use by process " + holder(channel));
      }
      ByteBuffer pid =
          ByteBuffer.wrap(
              (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII));
      channel.truncate(0);
      while (pid.hasRemaining()) {
        channel.write(pid);
      }
      taken = true;
      return new StoreLock(channel);
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null; // lives as long as the channel
    } catch (OverlappingFileLockException e) {
      return false; // held by this process
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(20);
    channel.read(bytes, 0);
    String pid = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).strip();
    return pid.matches("[0-9]+") ? pid : "(unknown)";
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
