package io.pifleet.agent.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second agent out of a spool: fcntl(2) lock on {@code SPOOL/.lock}, which the kernel drops
 * when the process ends, however it ends. Owned by the {@link Spool}.
 */
final class SpoolLock implements Closeable {
  private final FileChannel channel;

  private SpoolLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws IOException in one sentence, when somebody else holds it
   */
  static SpoolLock take(Path directory) throws IOException {
    Path file = directory.resolve(".lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      taken = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      taken = false; // this very process holds it
    } finally {
      if (!taken) {
        channel.close();
      }
    }
    if (!taken) {
      throw new IOException(
          "another process uses the spool " + directory + " (it holds " + file + ")");
    }
    return new SpoolLock(channel);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
