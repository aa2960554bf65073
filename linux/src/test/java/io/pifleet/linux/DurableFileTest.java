package io.pifleet.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DurableFileTest {
  @TempDir Path directory;

  @Test
  void replacesWhatIsThereAndLeavesNothingBeside() throws IOException {
    Path file = directory.resolve("id");
    DurableFile.replace(file, text("a longer first content"));
    DurableFile.replace(file, text("second"));
    assertEquals("second", Files.readString(file));
    try (Stream<Path> all = Files.list(directory)) {
      assertEquals(List.of(file), all.toList());
    }
  }

  @Test
  void leavesTheOldFileWhenTheNewOneCannotBeWritten() throws IOException {
    Path file = directory.resolve("id");
    DurableFile.replace(file, text("old"));
    Files.createDirectory(directory.resolve("id.new"));
    assertThrows(IOException.class, () -> DurableFile.replace(file, text("new")));
    assertEquals("old", Files.readString(file));
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
