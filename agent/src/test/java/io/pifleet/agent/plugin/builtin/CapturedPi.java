package io.pifleet.agent.plugin.builtin;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** /proc and /sys of a Raspberry Pi 4, in a directory where a test may change them. */
final class CapturedPi {

  private CapturedPi() {}

  static Path copyTo(Path directory) throws IOException {
    Path captured = captured();
    try (Stream<Path> files = Files.walk(captured)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = directory.resolve(captured.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return directory;
  }

  private static Path captured() {
    try {
      return Path.of(CapturedPi.class.getResource("/io/pifleet/agent/plugin/pi4").toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
