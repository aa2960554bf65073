package io.pifleet.linux;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NativeLibrariesTest {
  @TempDir Path directory;

  @Test
  void findsAllThatADaemonNeeds() {
    assertDoesNotThrow(NativeLibraries::require);
  }

  @Test
  void namesThePackageOfALibraryThatIsNotThere() {
    assertEquals(
        "libpifleet-none.so.7 not found: apt install libpifleet-none7",
        NativeLibraries.bind(Nothing.class, "libpifleet-none.so.7", "libpifleet-none7"));
  }

  @Test
  void namesAFunctionThatTheLibraryHasNot() {
    String failure = NativeLibraries.bind(Nothing.class, "libzstd.so.1", "libzstd1");
    assertTrue(failure.startsWith("libzstd.so.1 is not the version"), failure);
    assertTrue(failure.contains("ZSTD_noSuchFunction"), failure);
  }

  @Test
  void aBrokenZstdFailsOnlyWhatNeedsIt() throws Exception {
    Files.writeString(directory.resolve("libzstd.so.1"), "not an ELF file");
    List<String> lines = probe(Map.of("LD_LIBRARY_PATH", directory.toString()));
    assertEquals("libc: fine", lines.get(0));
    assertTrue(
        lines
            .get(1)
            .startsWith("compressor: NativeLibraryException: libzstd.so.1 cannot be loaded"),
        lines.get(1));
    assertEquals(lines.get(1).replace("compressor", "decompressor"), lines.get(2));
    assertEquals("socket: fine", lines.get(3));
    assertEquals("clock: fine", lines.get(4));
  }

  @Test
  void aMissingJnaLibraryIsOneSentenceEveryTime() throws Exception {
    List<String> lines =
        probe(
            Map.of(),
            "-Djna.boot.library.path=" + directory,
            "-Djna.nosys=true",
            "-Djna.noclasspath=true");
    for (String line : lines) {
      assertTrue(
          line.contains(
              ": NativeLibraryException: JNA's library libjnidispatch.so cannot be loaded"),
          line);
      assertTrue(line.contains("jna.boot.library.path is \"" + directory + '"'), line);
      assertFalse(line.contains("Could not initialize class"), line);
    }
    assertEquals(5, lines.size());
  }

  /** What {@link Probe} prints in a JVM of its own. */
  private static List<String> probe(Map<String, String> environment, String... options)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Probe.class.getName()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    Process process = builder.start();
    List<String> lines = process.inputReader(StandardCharsets.UTF_8).lines().toList();
    assertEquals(0, process.waitFor());
    return lines;
  }

  /** A binding whose function does not exist. */
  static final class Nothing {
    private Nothing() {}

    static native int ZSTD_noSuchFunction();
  }

  /** Uses each entry point once and prints how that went. */
  static final class Probe {
    private Probe() {}

    private interface Use {
      void run() throws IOException;
    }

    public static void main(String[] arguments) {
      report("libc", NativeLibraries::requireLibc);
      report("compressor", () -> new ZstdCompressor(3, 17).close());
      report("decompressor", () -> new ZstdDecompressor(17).close());
      report(
          "socket",
          () -> {
            try (SocketChannel channel = SocketChannel.open()) {
              // Not opened for this JVM, so the message is the search's, past the loading.
              TcpSocket.of(channel);
            } catch (IOException e) {
              if (!e.getMessage().contains("--add-opens")) {
                throw e;
              }
            }
          });
      report("clock", KernelClock::read);
    }

    private static void report(String name, Use use) {
      try {
        use.run();
        System.out.println(name + ": fine");
      } catch (IOException e) {
        System.out.println(name + ": " + e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }
  }
}
