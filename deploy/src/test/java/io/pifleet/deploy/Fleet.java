package io.pifleet.deploy;

import io.pifleet.protocol.transfer.FaultProxy;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Agents and collectors of one test, in one directory that goes when the test ends, and they with
 * it. When the test failed, what they logged is attached to the failure.
 */
final class Fleet implements BeforeEachCallback, AfterEachCallback, TestExecutionExceptionHandler {
  private static final int LOG_LINES = 60;

  /** Below the ports that the kernel gives to connections (ip_local_port_range). */
  private static final int FIRST_PORT = 20_000;

  private static final int LAST_PORT = 32_000;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final List<Daemon> daemons = new ArrayList<>();
  private Path directory;

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    // Short: the path of a control socket has 107 bytes.
    directory = Files.createTempDirectory("fleet");
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
    daemons.clear();
    delete(directory);
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    for (Daemon daemon : daemons) {
      failure.addSuppressed(new Log(daemon));
    }
    throw failure;
  }

  /** A directory of this test. */
  Path directory(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  /** A collector on loopback; not started. */
  Collector collector(String... settings) throws IOException {
    Path home = directory("collector" + daemons.size());
    Collector collector = new Collector(home, freePort(), List.of(), settings);
    return closing(collector, collector.daemon());
  }

  /** An agent that delivers to one address; not started. */
  Agent agent(String device, InetSocketAddress collector, String... settings) throws IOException {
    Path home = directory("agent" + daemons.size());
    Agent agent = new Agent(home, device, List.of()).configure(collector, settings);
    return closing(agent, agent.daemon());
  }

  /** Stands in front of a collector. */
  FaultProxy proxy(Collector collector) throws IOException {
    return closing(new FaultProxy(collector.address()));
  }

  /** Is closed when the test ends, before what came earlier. */
  <T extends AutoCloseable> T closing(T part) {
    open.push(part);
    return part;
  }

  <T extends AutoCloseable> T closing(T part, Daemon daemon) {
    daemons.add(daemon);
    return closing(part);
  }

  /** A port of loopback on which nothing listens. */
  static int freePort() throws IOException {
    int port = -1;
    while (port < 0) {
      int candidate = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
      try (ServerSocket probe = new ServerSocket()) {
        probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), candidate));
        port = candidate;
      } catch (BindException e) {
        port = -1; // taken: another one
      }
    }
    return port;
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** What a daemon logged, as a part of a failure. */
  private static final class Log extends Exception {
    private static final long serialVersionUID = 1;

    Log(Daemon daemon) throws IOException {
      super(
          daemon.directory().getFileName() + " logged:\n" + lastLines(daemon.logText()),
          null,
          true,
          false);
    }

    private static String lastLines(String text) {
      List<String> lines = text.lines().toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    }
  }
}
