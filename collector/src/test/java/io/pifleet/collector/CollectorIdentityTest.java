package io.pifleet.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CollectorIdentityTest {
  @TempDir private Path directory;

  /** pid_max stands for files that answer a read of one byte with that and the end. */
  @Test
  void readsFilesOfTheKernelInOnePiece() throws IOException {
    Path number = Path.of("/proc/sys/kernel/pid_max");
    byte[] bytes = new byte[64];
    String text;
    try (FileInputStream in = new FileInputStream(number.toFile())) {
      text = new String(bytes, 0, in.read(bytes), StandardCharsets.US_ASCII).strip();
    }
    Path root = root();
    Path hostname = root.resolve("proc/sys/kernel/hostname");
    Files.createSymbolicLink(hostname, number);
    try {
      assertEquals(text + "-3eb1bd", identity(root));
    } finally {
      Files.delete(hostname); // JUnit warns of links that lead out of its directory
    }
  }

  @Test
  void staysWhatItWasWhenTheHostIsNamedAnew() throws IOException {
    Path root = root();
    Path hostname = root.resolve("proc/sys/kernel/hostname");
    Files.writeString(hostname, "Attic.example.net\n");
    assertEquals("attic-3eb1bd", identity(root));
    Files.writeString(hostname, "cellar\n");
    assertEquals("attic-3eb1bd", identity(root));
  }

  private String identity(Path root) throws IOException {
    return new CollectorIdentity(root, directory.resolve("state")).resolve();
  }

  private Path root() throws IOException {
    Path root = directory.resolve("root");
    Files.createDirectories(root.resolve("etc"));
    Files.createDirectories(root.resolve("proc/sys/kernel"));
    Files.createDirectories(directory.resolve("state"));
    Files.writeString(root.resolve("etc/machine-id"), "0123456789abcdef0123456789abcdef\n");
    return root;
  }
}
