package io.pifleet.deploy;

import static java.util.stream.Collectors.toCollection;

import io.pifleet.daemon.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A collector of a test. Keeps its port over restarts. */
final class Collector implements AutoCloseable {
  private final Daemon daemon;
  private final Path store;
  private final InetSocketAddress address;

  Collector(Path directory, int port, List<String> before, String... settings) throws IOException {
    daemon = new Daemon("collector", directory, before);
    store = directory.resolve("store");
    address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    configure(settings);
  }

  /** Writes its configuration; for the next start, or the next SIGHUP. */
  void configure(String... settings) throws IOException {
    String own =
        """
        pifleet {
          transport = plain
          collector-id = attic
          listen = "127.0.0.1:%d"
          store-dir = "%s"
          state-dir = "%s"
          runtime-dir = "%s"
          announce = false
          discovery.interfaces = [lo]
          min-free-bytes = 0
          %s
        }
        """;
    Files.writeString(
        daemon.config(),
        own.formatted(
            address.getPort(),
            store,
            daemon.directory().resolve("state"),
            daemon.directory().resolve("run"),
            String.join("\n  ", settings)));
  }

  Daemon daemon() {
    return daemon;
  }

  Collector start() throws Exception {
    daemon.start();
    return this;
  }

  InetSocketAddress address() {
    return address;
  }

  Path store() {
    return store;
  }

  JsonObject status() throws IOException {
    return daemon.status();
  }

  Program verb(String... args) {
    return daemon.verb(args);
  }

  /** Names of what is stored of a device: {@code 2026-W47}, {@code 2026-W47~3f9a1c2d}. */
  List<String> archives(String device) throws IOException {
    TreeSet<String> names = new TreeSet<>();
    Path of = store.resolve(device);
    if (Files.isDirectory(of)) {
      try (Stream<Path> files = Files.list(of)) {
        names =
            files
                .map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith(".receipt.json"))
                .map(name -> name.substring(0, name.length() - ".receipt.json".length()))
                .collect(toCollection(TreeSet::new));
      }
    }
    return List.copyOf(names);
  }

  Path archive(String device, String name) {
    return store.resolve(device).resolve(name + ".tar.zst");
  }

  /**
   * Names of the members of everything that is stored of a device, without {@code DEVICE/ARCHIVE/}.
   */
  Set<String> memberNames(String device) throws IOException {
    Set<String> names = new HashSet<>();
    for (String archive : archives(device)) {
      Path manifest = store.resolve(device).resolve(archive + ".manifest.json");
      for (JsonObject member : JsonObject.parse(Files.readString(manifest)).objects("members")) {
        names.add(member.text("name", ""));
      }
    }
    return names;
  }

  /** Bytes that have arrived of archives that are not complete. */
  long incomingBytes() {
    return bytesIn(store.resolve(".incoming"));
  }

  /** Bytes of all files below a directory, as far as they are there. */
  static long bytesIn(Path directory) {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
      }
    } catch (IOException | UncheckedIOException e) {
      return bytes; // none, or committed while it was looked at
    }
    return bytes;
  }

  @Override
  public void close() {
    daemon.close();
  }
}
