package io.pifleet.collector.config;

import io.pifleet.daemon.config.ConfigException;
import io.pifleet.daemon.config.ConfigFile;
import io.pifleet.daemon.config.DurationText;
import io.pifleet.daemon.config.Section;
import io.pifleet.protocol.DeviceId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What {@code /etc/pifleet/collector.conf} says. Each part of the collector is given the few values
 * of it that it needs.
 *
 * @param listen at least one
 * @param collectorId as configured; empty: made at the first start, see {@code CollectorIdentity}
 * @param announce by multicast DNS
 * @param interfaces for that; empty: chosen automatically
 * @param maxTransfers devices that may deliver at once
 * @param grantMaxBytes that one device may send before it is granted more
 * @param minFreeBytes that archives never take from the store's file system
 * @param incomingMaxAge how long something incomplete is kept after its last byte
 * @param maxAge of stored archives; empty: kept for ever
 * @param maxBytesPerDevice of stored archives; empty: no limit
 * @param lateAfter without an archive, a device counts as late
 */
public record CollectorConfig(
    List<ListenAddress> listen,
    Optional<String> collectorId,
    Path storeDir,
    Path stateDir,
    Path runtimeDir,
    Transport transport,
    boolean announce,
    List<String> interfaces,
    int maxTransfers,
    long grantMaxBytes,
    long minFreeBytes,
    Duration incomingMaxAge,
    Optional<Duration> maxAge,
    OptionalLong maxBytesPerDevice,
    Duration lateAfter,
    LogLevel logLevel) {

  /** How archives travel. */
  public enum Transport {
    /** Neither encrypted nor authenticated. */
    PLAIN
  }

  /** What is logged. */
  public enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG
  }

  /** Where the package puts it. */
  public static final Path DEFAULT_FILE = Path.of("/etc/pifleet/collector.conf");

  private static final int MOST_ADDRESSES = 16;
  private static final int MOST_TRANSFERS = 1_000;
  private static final long MIB = 1L << 20;

  public CollectorConfig {
    listen = List.copyOf(listen);
    interfaces = List.copyOf(interfaces);
  }

  /**
   * Reads and checks a file.
   *
   * @throws ConfigException with everything that is wrong, each with file and line
   */
  public static CollectorConfig load(Path path) throws ConfigException {
    ConfigFile file = ConfigFile.load(path, "pifleet");
    CollectorConfig config = from(file.root());
    file.check();
    return config;
  }

  static CollectorConfig from(Section root) {
    Path stateDir = root.path("state-dir", Path.of("/var/lib/pifleet-collector"));
    Section retention = root.section("retention");
    return new CollectorConfig(
        listen(root),
        collectorId(root),
        root.path("store-dir", Path.of("/var/lib/pifleet-collector/store")),
        stateDir,
        root.path("runtime-dir", Path.of("/run/pifleet-collector")),
        transport(root),
        root.flag("announce", true),
        interfaces(root.section("discovery")),
        root.count("max-transfers", 16, 1, MOST_TRANSFERS),
        root.bytes("grant-max", 16 * MIB, 64 << 10, 1024 * MIB),
        root.bytes("min-free-bytes", 256 * MIB, 0, Long.MAX_VALUE),
        root.duration(
            "incoming-max-age", Duration.ofDays(14), Duration.ofHours(1), DurationText.UNLIMITED),
        maxAge(retention),
        maxBytes(retention),
        root.duration(
            "late-after", Duration.ofDays(8), Duration.ofSeconds(1), DurationText.UNLIMITED),
        root.choice("log-level", LogLevel.INFO));
  }

  /** The keys, by their names, whose change needs a restart to count. */
  public List<String> needsRestartAfter(CollectorConfig before) {
    List<String> keys = new ArrayList<>();
    addIf(keys, "listen", !listen.equals(before.listen));
    addIf(keys, "collector-id", !collectorId.equals(before.collectorId));
    addIf(keys, "store-dir", !storeDir.equals(before.storeDir));
    addIf(keys, "state-dir", !stateDir.equals(before.stateDir));
    addIf(keys, "runtime-dir", !runtimeDir.equals(before.runtimeDir));
    addIf(keys, "announce", announce != before.announce);
    addIf(keys, "discovery.interfaces", !interfaces.equals(before.interfaces));
    addIf(keys, "min-free-bytes", minFreeBytes != before.minFreeBytes);
    addIf(keys, "incoming-max-age", !incomingMaxAge.equals(before.incomingMaxAge));
    return keys;
  }

  /** This configuration, with the keys that {@link #needsRestartAfter} names as they were. */
  public CollectorConfig withFixedKeysOf(CollectorConfig before) {
    return new CollectorConfig(
        before.listen,
        before.collectorId,
        before.storeDir,
        before.stateDir,
        before.runtimeDir,
        transport,
        before.announce,
        before.interfaces,
        maxTransfers,
        grantMaxBytes,
        before.minFreeBytes,
        before.incomingMaxAge,
        maxAge,
        maxBytesPerDevice,
        lateAfter,
        logLevel);
  }

  /** The daemon's control socket. */
  public Path controlSocket() {
    return runtimeDir.resolve("control.sock");
  }

  /** The catalog of the store. */
  public Path catalogFile() {
    return stateDir.resolve("catalog.db");
  }

  private static void addIf(List<String> keys, String key, boolean changed) {
    if (changed) {
      keys.add(key);
    }
  }

  private static List<ListenAddress> listen(Section root) {
    List<String> texts = root.texts("listen", List.of("[::]:" + ListenAddress.DEFAULT_PORT));
    List<ListenAddress> addresses = new ArrayList<>();
    for (String text : texts) {
      Optional<ListenAddress> address = ListenAddress.parse(text);
      if (address.isEmpty()) {
        root.problem(
            "listen",
            "names \"" + text + "\"; wanted: \"address:port\" or \"[v6]:port\", or a list of them");
      }
      address.ifPresent(addresses::add);
    }
    if (texts.isEmpty() || texts.size() > MOST_ADDRESSES) {
      root.problem("listen", "has " + texts.size() + " entries; wanted: 1 to " + MOST_ADDRESSES);
    }
    return addresses;
  }

  private static Optional<String> collectorId(Section root) {
    String text = root.text("collector-id", "auto");
    if (text.equals("auto")) {
      return Optional.empty();
    }
    if (!DeviceId.isValid(text)) {
      root.refuse("collector-id", "auto, or " + DeviceId.WANTED);
      return Optional.empty();
    }
    return Optional.of(text);
  }

  private static Transport transport(Section root) {
    if (!root.has("transport")) {
      root.problem(
          "transport",
          "is missing; wanted: plain. Archives travel neither encrypted nor authenticated, so that"
              + " has to be written down, here and on the devices, and is only for networks"
              + " that you trust. A configuration without it will mean TLS once there is TLS");
      return Transport.PLAIN;
    }
    return root.choice("transport", Transport.PLAIN);
  }

  private static List<String> interfaces(Section discovery) {
    List<String> names = discovery.texts("interfaces", List.of("auto"));
    return names.equals(List.of("auto")) ? List.of() : names;
  }

  private static Optional<Duration> maxAge(Section retention) {
    return retention.text("max-age", "none").equals("none")
        ? Optional.empty()
        : Optional.of(
            retention.duration(
                "max-age", Duration.ofDays(365), Duration.ofMinutes(1), DurationText.UNLIMITED));
  }

  private static OptionalLong maxBytes(Section retention) {
    return retention.text("max-bytes-per-device", "none").equals("none")
        ? OptionalLong.empty()
        : OptionalLong.of(retention.bytes("max-bytes-per-device", MIB, MIB, Long.MAX_VALUE));
  }
}
