package io.pifleet.deploy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.daemon.control.ControlClient;
import io.pifleet.daemon.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One daemon as a process, with the flags of its package, in a directory of its own: {@code
 * daemon.conf}, {@code log}, {@code state}, {@code run}. What agent and collector have in common.
 */
final class Daemon implements AutoCloseable {
  /** Five are promised; the others are for a busy machine. */
  private static final long STOP_SECONDS = 10;

  private final String part;
  private final Path directory;
  private final List<String> before;
  private final ControlClient control;
  private Process process;

  /**
   * @param part {@code agent} or {@code collector}
   * @param before stands in front of every command: {@code ip netns exec …}
   */
  Daemon(String part, Path directory, List<String> before) {
    this.part = part;
    this.directory = directory;
    this.before = List.copyOf(before);
    control = new ControlClient(directory.resolve("run/control.sock"), "pifleet-" + part);
  }

  Path directory() {
    return directory;
  }

  Path config() {
    return directory.resolve("daemon.conf");
  }

  ControlClient control() {
    return control;
  }

  /** Starts it; it may not be ready yet. */
  void launch() throws IOException {
    List<String> command = new ArrayList<>(before);
    command.addAll(java(PackagedFlags.of(part)));
    command.addAll(List.of("run", "--config", config().toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment());
    process =
        builder
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
  }

  /** Starts it and waits until it answers. */
  void start() throws Exception {
    launch();
    Await.until(
        "pifleet-" + part + " answers",
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError("pifleet-" + part + " ended: " + logText());
          }
          return answer().filter(status -> status.number("pid", 0) == process.pid()).isPresent();
        });
  }

  JsonObject status() throws IOException {
    AtomicReference<String> line = new AtomicReference<>();
    control.call("status", Map.of(), line::set);
    return JsonObject.parse(line.get());
  }

  private Optional<JsonObject> answer() {
    try {
      return Optional.of(status());
    } catch (IOException e) {
      return Optional.empty(); // not there yet
    }
  }

  boolean isAlive() {
    return process != null && process.isAlive();
  }

  Process process() {
    return process;
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** SIGTERM; the exit status. */
  int stop() throws InterruptedException {
    process.destroy();
    assertTrue(
        process.waitFor(STOP_SECONDS, TimeUnit.SECONDS), "pifleet-" + part + " does not stop");
    return process.exitValue();
  }

  /** Sends a signal such as HUP. */
  void signal(String name) throws Exception {
    Program.of("kill", "-" + name, Long.toString(process.pid())).run().fine();
  }

  /** Resident memory by the kernel's account. */
  long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IOException("no VmRSS: the process is gone");
  }

  /** A verb of the command line, with this daemon's configuration. */
  Program verb(String... args) {
    List<String> command = new ArrayList<>(before);
    command.addAll(java(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m")));
    command.addAll(List.of(args));
    command.addAll(List.of("--config", config().toString()));
    return new Program(command, environment());
  }

  private List<String> java(List<String> flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(
        List.of(
            "-Xshare:auto",
            "-XX:-UsePerfData",
            "-Dfile.encoding=UTF-8",
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "-cp",
            classPath(),
            "io.pifleet." + part + ".Main"));
    return command;
  }

  private static String classPath() {
    // Where surefire hands its class path over in a jar, this property has it in full.
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static Map<String, String> environment() {
    return Map.of("MALLOC_ARENA_MAX", "1", "LC_ALL", "C.UTF-8");
  }

  Path log() {
    return directory.resolve("log");
  }

  /** Of all its runs. */
  String logText() throws IOException {
    return Files.exists(log()) ? Files.readString(log()) : "";
  }

  /** Nothing is left of it. */
  @Override
  public void close() {
    if (isAlive()) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      kill();
    }
  }
}
