package io.pifleet.daemon.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.pifleet.daemon.logging.DaemonLog;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A real process that gets real signals. */
@Timeout(120)
final class DaemonProcessTest {
  @TempDir Path directory;
  private Path out;
  private Path err;
  private Process process;

  /** The process. */
  static final class ExampleDaemon {
    private ExampleDaemon() {}

    public static void main(String[] args) {
      DaemonLog.forDaemon();
      DaemonLifecycle lifecycle = new DaemonLifecycle();
      lifecycle.install();
      lifecycle.onStop("spool", () -> LoggerFactory.getLogger("spool").info("spool is closed"));
      lifecycle.onReload(
          () -> {
            throw new IllegalStateException("agent.conf:3: odd");
          });
      Thread dying =
          new Thread(
              () -> {
                throw new IllegalStateException("a bug");
              },
              "records");
      dying.start();
      LoggerFactory.getLogger("main").info("ready");
      if (args.length > 0) {
        System.exit(Integer.parseInt(args[0]));
      }
      System.exit(lifecycle.awaitStop());
    }
  }

  @BeforeEach
  void nameFiles() throws IOException {
    out = Files.createFile(directory.resolve("out"));
    err = Files.createFile(directory.resolve("err"));
  }

  @AfterEach
  void kill() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void stopsInOrderWithStatusZeroOnSigterm() throws Exception {
    start(Map.of());
    await("ready");
    signal("TERM");

    assertEquals(0, exitStatus());
    String log = Files.readString(out);
    assertTrue(log.contains("stopping: SIGTERM"), log);
    assertEquals(1, log.lines().filter(line -> line.endsWith("spool is closed")).count(), log);
    assertEquals("", Files.readString(err));
  }

  @Test
  void goesOnAfterAReloadThatFails() throws Exception {
    start(Map.of());
    await("ready");
    signal("HUP");
    await("reload failed, everything goes on as before: agent.conf:3: odd");
    signal("INT");

    assertEquals(0, exitStatus());
  }

  @Test
  void stopsWhatIsToBeStoppedWhenTheProcessExitsByItself() throws Exception {
    start(Map.of(), "3");

    assertEquals(3, exitStatus());
    String log = Files.readString(out);
    assertTrue(log.contains("spool is closed"), log);
  }

  @Test
  void givesTheJournalAPriorityOnEveryLineOfATrace() throws Exception {
    Map<String, Object> stat = Files.readAttributes(out, "unix:dev,ino");
    start(Map.of("JOURNAL_STREAM", stat.get("dev") + ":" + stat.get("ino")));
    await("a bug");
    await("ready");
    signal("TERM");

    assertEquals(0, exitStatus());
    List<String> lines = Files.readAllLines(out);
    assertTrue(lines.contains("<6>[main] ready"), lines::toString);
    assertTrue(lines.contains("<3>[records] thread records died"), lines::toString);
    assertTrue(lines.stream().allMatch(line -> line.matches("<[3-7]>.*")), lines::toString);
  }

  private void start(Map<String, String> environment, String... args) throws IOException {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx16m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ExampleDaemon.class.getName()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JOURNAL_STREAM");
    builder.environment().putAll(environment);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()));
    builder.redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()));
    builder.redirectInput(new File("/dev/null"));
    process = builder.start();
  }

  private void signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start();
    assertEquals(0, kill.waitFor());
  }

  private int exitStatus() throws InterruptedException {
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "still runs");
    return process.exitValue();
  }

  private void await(String text) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!Files.readString(out).contains(text)) {
      if (System.nanoTime() > deadline || !process.isAlive()) {
        fail("no \"" + text + "\" in:\n" + Files.readString(out) + Files.readString(err));
      }
      Thread.sleep(10);
    }
  }
}
