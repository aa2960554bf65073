package io.pifleet.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The steps after which a file is there, whole, whatever happens to the power: write beside it,
 * check the length, fsync(2), rename(2), fsync the directory.
 */
public final class DurableFile {
  private DurableFile() {}

  /**
   * Puts {@code content} at {@code file}, in place of what is there. A crash leaves the old file or
   * the new one. Two callers must not replace the same file at once.
   *
   * @throws IOException when it is not certain to be on disk; the old file is still there then,
   *     unless the last step failed
   */
  public static void replace(Path file, ByteBuffer content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      int length = content.remaining();
      while (content.hasRemaining()) {
        channel.write(content);
      }
      if (channel.size() != length) {
        throw new IOException(temporary + " has " + channel.size() + " bytes, wrote " + length);
      }
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(file.toAbsolutePath().getParent());
  }

  /** Makes the names in a directory durable: what was created, renamed and deleted in it. */
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory)) { // a directory may be opened to read
      channel.force(true);
    }
  }
}
