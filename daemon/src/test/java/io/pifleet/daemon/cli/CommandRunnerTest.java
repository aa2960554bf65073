package io.pifleet.daemon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.daemon.config.ConfigFile;
import io.pifleet.daemon.control.ControlFailedException;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

final class CommandRunnerTest {
  @Command(name = "pifleet-agent", mixinStandardHelpOptions = true)
  private static final class Example implements Callable<Integer> {
    private final Callable<Integer> body;

    @Option(names = "--twice")
    boolean twice;

    Example(Callable<Integer> body) {
      this.body = body;
    }

    @Override
    public Integer call() throws Exception {
      return (twice ? 2 : 1) * body.call();
    }
  }

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void passesTheStatusOfTheCommandOn() {
    assertEquals(ExitStatus.FINE, run(() -> ExitStatus.FINE));
    assertEquals(ExitStatus.FAILED, run(() -> ExitStatus.FAILED));
    assertEquals(14, run(() -> 7, "--twice"));
    assertEquals("", said());
  }

  @Test
  void saysInOneLineWhyACommandFailed() {
    int status =
        run(
            () -> {
              throw new CommandFailedException("no such archive: 2026-W48");
            });

    assertEquals(ExitStatus.FAILED, status);
    assertEquals("pifleet-agent: no such archive: 2026-W48\n", said());
  }

  @Test
  void endsWithTheStatusThatTheDaemonSent() {
    int status =
        run(
            () -> {
              throw new ControlFailedException("unknown verb", ExitStatus.USAGE);
            });

    assertEquals(ExitStatus.USAGE, status);
    assertEquals("pifleet-agent: unknown verb\n", said());
  }

  @Test
  void reportsAWrongOptionWithTheNearestOne() {
    assertEquals(ExitStatus.USAGE, run(() -> 0, "--twise"));
    assertTrue(said().startsWith("pifleet-agent: Unknown option: '--twise'"), this::said);
    assertTrue(said().contains("--twice"), this::said);
    assertTrue(said().endsWith("Try 'pifleet-agent --help' for what it takes.\n"), this::said);
  }

  @Test
  void printsConfigProblemsAsTheyAre() {
    int status =
        run(
            () -> {
              ConfigFile.load(Path.of("/nonexistent/agent.conf"), "pifleet");
              return 0;
            });

    assertEquals(ExitStatus.USAGE, status);
    assertEquals("/nonexistent/agent.conf: no such file\n", said());
  }

  @Test
  void isSilentWhenTheReaderHasSeenEnough() {
    int status =
        run(
            () -> {
              throw new IOException("Broken pipe");
            });

    assertEquals(ExitStatus.FAILED, status);
    assertEquals("", said());
  }

  @Test
  void failsWhenTheOutputCannotBeWritten() throws IOException {
    try (PrintStream full =
        new PrintStream(new FileOutputStream("/dev/full"), false, StandardCharsets.UTF_8)) {
      Example command =
          new Example(
              () -> {
                full.println("a record");
                return 0;
              });
      assertEquals(ExitStatus.FAILED, new CommandRunner(command, full, stream(err), false).run());
    }
    assertEquals("pifleet-agent: could not write all of the output\n", said());
  }

  private int run(Callable<Integer> body, String... args) {
    PrintStream out = stream(OutputStream.nullOutputStream());
    return new CommandRunner(new Example(body), out, stream(err), false).run(args);
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private static PrintStream stream(OutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }
}
