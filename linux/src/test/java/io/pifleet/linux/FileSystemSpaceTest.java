package io.pifleet.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileSystemSpaceTest {
  @TempDir Path directory;

  @Test
  void saysWhatStatSays() throws Exception {
    // Size, total inodes: figures that do not change while others write.
    String[] stat = stat("%c");
    FileSystemSpace space = FileSystemSpace.of(directory);
    assertEquals(Long.parseLong(stat[0]), space.inodes());
    assertTrue(space.freeInodes() <= space.inodes(), space.toString());
    long usable = Files.getFileStore(directory).getUsableSpace();
    long written = 4L << 30; // by others, meanwhile
    assertTrue(Math.abs(space.freeBytes() - usable) < written, space + ", and Java says " + usable);
  }

  @Test
  void namesThePathThatIsNotThere() {
    Path absent = directory.resolve("absent");
    NativeCallException failure =
        assertThrows(NativeCallException.class, () -> FileSystemSpace.of(absent));
    assertTrue(failure.getMessage().contains(absent.toString()), failure.getMessage());
    assertTrue(failure.getMessage().contains("ENOENT"), failure.getMessage());
  }

  @Test
  void readsTheLayoutOf32BitMachines() {
    ByteBuffer statvfs = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    statvfs.putInt(0, 4096).putInt(4, 1024);
    statvfs.putLong(8, 1000).putLong(16, 600).putLong(24, 500);
    statvfs.putLong(32, 70).putLong(40, 60).putLong(48, 50);
    assertEquals(new FileSystemSpace(500 * 1024, 70, 50), FileSystemSpace.parse(statvfs, 4));
  }

  private String[] stat(String format) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("stat", "-f", "-c", format, directory.toString()).start();
    String text =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor());
    return text.split(" ");
  }
}
