package io.pifleet.agent.config;

import io.pifleet.agent.upload.CollectorAddress;
import io.pifleet.agent.upload.UploadWindow;
import io.pifleet.daemon.config.DurationText;
import io.pifleet.daemon.config.Section;
import io.pifleet.protocol.DeviceId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code /etc/pifleet/agent.conf} says, without the plugins. Each part of the agent is given
 * the few values of it that it needs.
 *
 * @param deviceId as configured; empty: made from the board, see {@code DeviceIdentity}
 * @param periodLength empty: the ISO week
 * @param splay window over which the devices of a fleet spread their uploads
 * @param receiptsRequired from how many collectors, before an archive is deleted
 * @param interfaces for discovery; empty: chosen automatically
 * @param rateLimit bytes a second; 0: none
 */
public record AgentConfig(
    Optional<String> deviceId,
    Path stateDir,
    Path runtimeDir,
    Optional<Duration> periodLength,
    Duration splay,
    UploadWindow uploadWindow,
    CollectorChoice collectors,
    int receiptsRequired,
    Transport transport,
    List<String> interfaces,
    SpoolConfig spool,
    long rateLimit,
    ClockTrust clock,
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

  private static final Duration WEEK = Duration.ofDays(7);
  private static final Duration SHORTEST_PERIOD = Duration.ofSeconds(5);
  private static final int MOST_COLLECTORS = 16;

  /** Reads all keys but {@code plugins}; what is wrong is recorded in the section's file. */
  public static AgentConfig from(Section root) {
    CollectorChoice collectors = collectors(root);
    AgentConfig config =
        new AgentConfig(
            deviceId(root),
            root.path("state-dir", Path.of("/var/lib/pifleet-agent")),
            root.path("runtime-dir", Path.of("/run/pifleet-agent")),
            period(root),
            root.duration("splay", Duration.ofHours(1), Duration.ZERO, WEEK),
            uploadWindow(root),
            collectors,
            root.count("receipts-required", 1, 1, MOST_COLLECTORS),
            transport(root),
            interfaces(root.section("discovery")),
            SpoolConfig.from(root.section("spool")),
            rateLimit(root),
            root.choice("clock", ClockTrust.AUTO),
            root.choice("log-level", LogLevel.INFO));
    int possible = collectors.announced() ? 1 : collectors.addresses().size();
    if (config.receiptsRequired > possible) {
      root.refuse(
          "receipts-required", "at most " + possible + ", as many as pifleet.collectors allows");
    }
    return config;
  }

  /** Keys that differ from {@code before} and are looked at only when the agent starts. */
  public List<String> needsRestartAfter(AgentConfig before) {
    List<String> keys = new ArrayList<>();
    differs(keys, "device-id", deviceId, before.deviceId);
    differs(keys, "state-dir", stateDir, before.stateDir);
    differs(keys, "runtime-dir", runtimeDir, before.runtimeDir);
    differs(keys, "transport", transport, before.transport);
    differs(keys, "clock", clock, before.clock);
    differs(keys, "discovery.interfaces", interfaces, before.interfaces);
    return keys;
  }

  private static void differs(List<String> keys, String key, Object now, Object before) {
    if (!now.equals(before)) {
      keys.add(key);
    }
  }

  /** This, with the keys of {@link #needsRestartAfter} as they were. */
  public AgentConfig withFixedKeysOf(AgentConfig before) {
    return new AgentConfig(
        before.deviceId,
        before.stateDir,
        before.runtimeDir,
        periodLength,
        splay,
        uploadWindow,
        collectors,
        receiptsRequired,
        before.transport,
        before.interfaces,
        spool,
        rateLimit,
        before.clock,
        logLevel);
  }

  private static Optional<String> deviceId(Section root) {
    String text = root.text("device-id", "auto");
    if (text.equals("auto")) {
      return Optional.empty();
    }
    if (!DeviceId.isValid(text)) {
      root.refuse("device-id", "auto, or 1 to 64 of a-z, 0-9 and -, not starting or ending with -");
      return Optional.empty();
    }
    return Optional.of(text);
  }

  private static Optional<Duration> period(Section root) {
    String text = root.text("period", "iso-week");
    if (text.equals("iso-week")) {
      return Optional.empty();
    }
    Optional<Duration> length = DurationText.parse(text);
    if (length.isEmpty()
        || length.get().compareTo(SHORTEST_PERIOD) < 0
        || length.get().compareTo(WEEK) > 0
        || length.get().toMillis() % 1000 != 0) {
      root.refuse("period", "iso-week, or a duration from 5 s to 7 days in whole seconds");
      return Optional.empty();
    }
    return length;
  }

  private static UploadWindow uploadWindow(Section root) {
    Optional<UploadWindow> window = UploadWindow.parse(root.text("upload-window", "always"));
    if (window.isEmpty()) {
      root.refuse("upload-window", "always, or hours of the day such as 01:00-05:00");
    }
    return window.orElse(UploadWindow.ALWAYS);
  }

  private static CollectorChoice collectors(Section root) {
    List<String> texts = root.texts("collectors", List.of("auto"));
    List<CollectorAddress> addresses = new ArrayList<>();
    if (texts.equals(List.of("auto"))) {
      return new CollectorChoice(addresses);
    }
    for (String text : texts) {
      Optional<CollectorAddress> address = CollectorAddress.parse(text);
      if (address.isEmpty()) {
        root.problem(
            "collectors", "names \"" + text + "\"; wanted: auto, or \"host:port\", \"[v6]:port\"");
      }
      address.ifPresent(addresses::add);
    }
    if (texts.isEmpty() || texts.size() > MOST_COLLECTORS) {
      root.problem("collectors", "has " + texts.size() + " entries; wanted: auto, or 1 to 16");
    }
    return new CollectorChoice(addresses);
  }

  private static Transport transport(Section root) {
    if (!root.has("transport")) {
      root.problem(
          "transport",
          "is missing; wanted: plain. Archives travel neither encrypted nor authenticated, so that"
              + " has to be written down, here and on the collector, and is only for networks"
              + " that you trust. A configuration without it will mean TLS once there is TLS");
      return Transport.PLAIN;
    }
    return root.choice("transport", Transport.PLAIN);
  }

  private static List<String> interfaces(Section discovery) {
    List<String> names = discovery.texts("interfaces", List.of("auto"));
    return names.equals(List.of("auto")) ? List.of() : names;
  }

  private static long rateLimit(Section root) {
    return root.text("rate-limit", "none").equals("none")
        ? 0
        : root.bytes("rate-limit", 0, 1024, Integer.MAX_VALUE);
  }
}
