package io.pifleet.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads the one-line files in which the kernel says what machine this is. */
final class KernelText {
  private static final int MOST_READ = 256;

  private KernelText() {}

  /**
   * The first line, without the NUL with which a device tree ends its strings.
   *
   * <p>Read with one large read(2): some files under /proc/sys answer a first read of one byte,
   * such as {@code Files.readString} does, with that byte and then the end.
   */
  static String firstLine(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer bytes = ByteBuffer.allocate(MOST_READ);
      channel.read(bytes);
      String text = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
      int end = 0;
      while (end < text.length() && text.charAt(end) > 0x1f) {
        end++;
      }
      return text.substring(0, end).strip();
    }
  }
}
