package io.pifleet.daemon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RunArgumentsTest {
  private static final Path DEFAULT = Path.of("/etc/pifleet/agent.conf");

  @Test
  void takesTheCommandLinesThatStartADaemon() {
    assertEquals(Optional.of(DEFAULT), config("run"));
    assertEquals(Optional.of(Path.of("a.conf")), config("run", "--config", "a.conf"));
    assertEquals(Optional.of(Path.of("a.conf")), config("run", "--config=a.conf"));
  }

  @Test
  void leavesEverythingElseToTheParser() {
    assertEquals(Optional.empty(), config());
    assertEquals(Optional.empty(), config("status"));
    assertEquals(Optional.empty(), config("run", "--help"));
    assertEquals(Optional.empty(), config("run", "--config"));
    assertEquals(Optional.empty(), config("run", "--config", "a.conf", "b.conf"));
    assertEquals(Optional.empty(), config("run", "--config=a\0"));
  }

  private static Optional<Path> config(String... arguments) {
    return RunArguments.config(arguments, DEFAULT);
  }
}
