package io.pifleet.collector;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A collector as a process, in a directory of its own, and its commands as processes. */
final class CollectorProcess implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listens on \\[127\\.0\\.0\\.1:(\\d+)");

  private final Path directory;
  private final Path config;
  private final List<String> jvmFlags = new ArrayList<>();
  private Process process;
  private Path log;
  private int starts;

  CollectorProcess(Path directory, String... settings) throws IOException {
    this.directory = directory;
    config = directory.resolve("collector.conf");
    Files.writeString(
        config,
        "pifleet { transport = plain, listen = \"127.0.0.1:0\", store-dir = store,\n"
            + "state-dir = state, runtime-dir = run, announce = false, min-free-bytes = 0\n"
            + String.join("\n", settings)
            + "\n}\n");
  }

  CollectorProcess jvm(String flag) {
    jvmFlags.add(flag);
    return this;
  }

  /** Starts it and waits until it listens; the port. */
  int start() throws IOException, InterruptedException {
    log = directory.resolve("log-" + starts++);
    process =
        new ProcessBuilder(command("run"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (System.nanoTime() < end) {
      Matcher matcher = LISTENING.matcher(log());
      if (matcher.find()) {
        return Integer.parseInt(matcher.group(1));
      }
      if (!process.isAlive()) {
        return fail("the collector ended: " + log());
      }
      Thread.sleep(20);
    }
    return fail("the collector does not listen: " + log());
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  Process process() {
    return process;
  }

  Path store() {
    return directory.resolve("store");
  }

  Path config() {
    return config;
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** SIGTERM; the exit status. */
  int stop() throws InterruptedException {
    process.destroy();
    assertTrue(process.waitFor(20, TimeUnit.SECONDS), "the collector does not stop");
    return process.exitValue();
  }

  /**
   * What a command printed, and how it ended.
   *
   * @param out stdout as it came
   */
  record Result(int exit, String text, String errors, ByteArrayOutputStream out) {}

  /** Runs a verb. */
  Result run(String... args) throws IOException, InterruptedException {
    Path errors = Files.createTempFile(directory, "stderr", "");
    Process command =
        new ProcessBuilder(command(args))
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectError(errors.toFile())
            .start();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (InputStream in = command.getInputStream()) {
      in.transferTo(out);
    }
    assertTrue(command.waitFor(60, TimeUnit.SECONDS), "the command does not end");
    return new Result(
        command.exitValue(), out.toString(StandardCharsets.UTF_8), Files.readString(errors), out);
  }

  private List<String> command(String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+UseSerialGC");
    command.addAll(jvmFlags);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("io.pifleet.collector.Main");
    command.addAll(List.of(args));
    command.add("--config");
    command.add(config.toString());
    return command;
  }

  @Override
  public void close() {
    if (process != null && process.isAlive()) {
      kill();
    }
  }
}
