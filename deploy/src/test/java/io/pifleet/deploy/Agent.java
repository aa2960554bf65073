package io.pifleet.deploy;

import io.pifleet.agent.spool.SealedArchives;
import io.pifleet.daemon.json.JsonObject;
import io.pifleet.protocol.ArchiveName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An agent of a test. Gathers nothing but what the test says. */
final class Agent implements AutoCloseable {
  /** Turns the built-in plugins off. */
  private static final String QUIET =
      """
      plugins { cpu.enabled = false, memory.enabled = false, disk.enabled = false,
          network.enabled = false, temperature.enabled = false }
      """;

  private static final Duration HURRY_AGAIN = Duration.ofMillis(300);

  private final Daemon daemon;
  private final String device;

  Agent(Path directory, String device, List<String> before) {
    daemon = new Daemon("agent", directory, before);
    this.device = device;
  }

  /** Writes its configuration; for the next start, or the next SIGHUP. */
  Agent configure(InetSocketAddress collector, String... settings) throws IOException {
    return configure(
        "collectors = [\"127.0.0.1:%d\"]".formatted(collector.getPort()),
        "discovery.interfaces = [lo]",
        String.join("\n  ", settings));
  }

  Agent configure(String... settings) throws IOException {
    String own =
        """
        pifleet {
          transport = plain
          device-id = "%s"
          state-dir = "%s"
          runtime-dir = "%s"
          clock = system
          splay = 0 s
          spool { flush-interval = 1 s, min-free-bytes = 0, min-free-inodes = 0 }
          %s
          %s
        }
        """;
    Path directory = daemon.directory();
    Files.writeString(
        daemon.config(),
        own.formatted(
            device,
            directory.resolve("state"),
            directory.resolve("run"),
            QUIET,
            String.join("\n  ", settings)));
    return this;
  }

  Daemon daemon() {
    return daemon;
  }

  String device() {
    return device;
  }

  Agent start() throws Exception {
    daemon.start();
    return this;
  }

  JsonObject status() throws IOException {
    return daemon.status();
  }

  Program verb(String... args) {
    return daemon.verb(args);
  }

  Path spool() {
    return daemon.directory().resolve("state/spool");
  }

  /** What is sealed and still here. */
  List<String> archives() throws IOException {
    return SealedArchives.in(spool()).names().stream().map(Object::toString).toList();
  }

  /** Ends the open part; the names of what was sealed. */
  List<String> seal() throws IOException {
    List<String> sealed = new ArrayList<>();
    daemon
        .control()
        .call("seal", Map.of(), line -> sealed.add(JsonObject.parse(line).text("sealed", "")));
    return sealed;
  }

  /** Seals, delivers, and waits for the receipts; fails when they do not come. */
  List<JsonObject> uploadNow() throws IOException {
    List<JsonObject> receipts = new ArrayList<>();
    daemon
        .control()
        .call(
            "upload",
            Map.of("now", "true"),
            line -> {
              JsonObject reply = JsonObject.parse(line);
              if (reply.names().contains("receipt")) {
                receipts.add(reply.object("receipt"));
              }
            });
    return receipts;
  }

  /** Makes it try at once, whatever it was waiting for. */
  void hurry() throws IOException {
    try {
      daemon
          .control()
          .call(
              "upload",
              Map.of(),
              line -> {
                if (line.contains("\"waiting\"")) {
                  throw new EnoughException();
                }
              });
    } catch (EnoughException e) {
      // The wish is known; its end is awaited otherwise.
    }
  }

  /** Waits until every sealed archive is delivered and gone from the device; hurries it. */
  void awaitDelivered(Duration limit) throws Exception {
    long[] next = {0};
    Await.until(
        limit,
        "all archives of " + device + " are delivered",
        () -> {
          if (archives().isEmpty()) {
            return true;
          }
          if (System.nanoTime() > next[0]) {
            next[0] = System.nanoTime() + HURRY_AGAIN.toNanos();
            hurry();
          }
          return false;
        });
  }

  /** Last error of the upload, empty when there is none. */
  String uploadError() throws IOException {
    return Optional.ofNullable(status().object("upload").text("last-error", null)).orElse("");
  }

  /** Writes a sealed archive as one file, as {@code export} does. */
  Path export(String archive, Path target) throws IOException {
    SealedArchives archives = SealedArchives.in(spool());
    try (FileChannel channel =
        FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      archives.open(ArchiveName.parse(archive).orElseThrow()).export(channel);
    }
    return target;
  }

  @Override
  public void close() {
    daemon.close();
  }

  private static final class EnoughException extends IOException {
    private static final long serialVersionUID = 1;
  }
}
