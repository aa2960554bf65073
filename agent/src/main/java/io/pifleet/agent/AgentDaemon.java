package io.pifleet.agent;

import io.pifleet.agent.config.AgentConfig;
import io.pifleet.agent.config.AgentConfiguration;
import io.pifleet.agent.config.SpoolConfig;
import io.pifleet.agent.control.SealVerb;
import io.pifleet.agent.control.StatusVerb;
import io.pifleet.agent.control.UploadVerb;
import io.pifleet.agent.plugin.PluginScheduler;
import io.pifleet.agent.plugin.PluginSpec;
import io.pifleet.agent.plugin.PluginStatus;
import io.pifleet.agent.spool.DeviceClock;
import io.pifleet.agent.spool.PeriodRule;
import io.pifleet.agent.spool.Spool;
import io.pifleet.agent.spool.SpoolSettings;
import io.pifleet.agent.spool.SpoolStatus;
import io.pifleet.agent.upload.AnnouncedCollectors;
import io.pifleet.agent.upload.ListedCollectors;
import io.pifleet.agent.upload.PinnedCollector;
import io.pifleet.agent.upload.Splay;
import io.pifleet.agent.upload.Targets;
import io.pifleet.agent.upload.UploadSettings;
import io.pifleet.agent.upload.UploadStatus;
import io.pifleet.agent.upload.Uploader;
import io.pifleet.daemon.Version;
import io.pifleet.daemon.config.ConfigException;
import io.pifleet.daemon.control.ControlServer;
import io.pifleet.daemon.health.HealthMonitor;
import io.pifleet.daemon.lifecycle.DaemonLifecycle;
import io.pifleet.daemon.logging.DaemonLog;
import io.pifleet.linux.NativeLibraries;
import io.pifleet.linux.ServiceNotifier;
import io.pifleet.protocol.discovery.Announcement;
import io.pifleet.protocol.discovery.Discovered;
import io.pifleet.protocol.discovery.DiscoveryListener;
import io.pifleet.protocol.discovery.DiscoveryStatus;
import io.pifleet.protocol.discovery.InterfaceChoice;
import io.pifleet.protocol.discovery.MulticastDns;
import io.pifleet.protocol.discovery.ServiceType;
import io.pifleet.protocol.transfer.Deadlines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent, put together. Reads from top to bottom as the wiring diagram: plugins, spool, upload,
 * discovery, control, health. What is started later is stopped earlier.
 */
public final class AgentDaemon {
  private static final Logger LOG = LoggerFactory.getLogger(AgentDaemon.class);

  /** Without any progress, {@code upload} tells its caller that it does not work now. */
  private static final Duration UPLOAD_PATIENCE = Duration.ofMinutes(2);

  private static final Duration WEEK = Duration.ofDays(7);

  /** An announcement needs a port, and nothing listens here: discard (RFC 863). */
  private static final int NO_PORT = 9;

  private final Path configFile;
  private final DaemonLifecycle lifecycle;
  private final ServiceNotifier notifier;
  private final String device;
  private final Path root = Path.of("/");
  private final Spool spool;
  private final PluginScheduler plugins;
  private final PinnedCollector pinned;
  private final MulticastDns discovery;
  private final Thread goodbye;
  private final Uploader uploader;
  private volatile AgentConfiguration configuration;

  /**
   * Runs until a signal ends it.
   *
   * @return the exit status
   * @throws ConfigException when the configuration is wrong
   * @throws IOException when the agent cannot start
   */
  public static int run(Path configFile) throws IOException, ConfigException {
    AgentConfiguration configuration = AgentConfiguration.load(configFile);
    DaemonLog.forDaemon();
    DaemonLog.level(configuration.agent().logLevel().name());
    NativeLibraries.require();
    DaemonLifecycle lifecycle = new DaemonLifecycle();
    lifecycle.install();
    new AgentDaemon(configFile, configuration, lifecycle).start();
    return lifecycle.awaitStop();
  }

  /** Which interfaces discovery uses. */
  public static InterfaceChoice interfaces(AgentConfig agent) {
    return agent.interfaces().isEmpty()
        ? InterfaceChoice.auto()
        : InterfaceChoice.named(agent.interfaces());
  }

  private AgentDaemon(Path configFile, AgentConfiguration configuration, DaemonLifecycle lifecycle)
      throws IOException {
    AgentConfig agent = configuration.agent();
    this.configFile = configFile;
    this.configuration = configuration;
    this.lifecycle = lifecycle;
    notifier = ServiceNotifier.fromEnvironment(System.getenv());
    Files.createDirectories(agent.stateDir());
    Files.createDirectories(agent.runtimeDir());
    device = deviceId(agent);
    DeviceClock clock = SystemClock.on(root, agent.clock());

    discovery = new MulticastDns(interfaces(agent), device);
    goodbye = new Thread(discovery::close, "goodbye");
    goodbye.setDaemon(true);
    lifecycle.onStop("discovery", goodbye::join);

    spool =
        Spool.open(spoolSettings(agent), clock, device, Version.text(), name -> announceSealed());
    lifecycle.onStop("spool", spool::close);

    plugins =
        new PluginScheduler(
            spool,
            spool,
            (plugin, from, to, loss) ->
                spool.gap(instant(from), instant(to), plugin, loss.reason(), -1, ""),
            () -> nanos(clock.now()));

    pinned = PinnedCollector.load(AgentFiles.pinnedCollector(agent.stateDir()));

    Deadlines deadlines = new Deadlines();
    lifecycle.onStop("deadlines", deadlines::close);
    uploader =
        new Uploader(
            new SpoolQueue(spool.archives()),
            targets(agent),
            new PlainConnector(() -> agent().rateLimit()),
            deadlines,
            clock,
            uploadSettings(agent),
            Version.text(),
            waiting -> discovery.update(ServiceType.AGENT, announcedText(waiting)));
  }

  private void start() throws IOException {
    spool.start();

    discovery.announce(new Announcement(ServiceType.AGENT, device, NO_PORT, announcedText(0)));
    discovery.browse(ServiceType.COLLECTOR, new CollectorNews());
    discovery.start();

    uploader.start();
    lifecycle.onStop("upload", uploader::close);

    plugins.start(configuration.plugins());
    lifecycle.onStop("plugins", plugins::close);
    // Takes seconds, which the last flush of the spool shall not have to wait for.
    lifecycle.onStop("announcing", goodbye::start);

    ControlServer control =
        ControlServer.start(
            AgentFiles.controlSocket(agent().runtimeDir()),
            "pifleet-agent",
            Map.of(
                "status", new StatusVerb(new DaemonStatus()),
                "seal", new SealVerb(spool::seal),
                "upload", new UploadVerb(spool::seal, uploader, UPLOAD_PATIENCE)));
    lifecycle.onStop("control", control::close);

    HealthMonitor health = new HealthMonitor(notifier, this::statusLine);
    health.check("plugins", plugins::problem);
    health.check("spool", spool::stuck);
    health.check("upload", uploader::stuck);
    health.start();
    lifecycle.onStop("health", health::close);

    lifecycle.onReload(this::reload);
    lifecycle.onStop("announcement of the stop", () -> notifier.stopping("stopping"));
    notifier.ready(statusLine());
    LOG.info("device {} gathers with {} plugins", device, enabledPlugins());
  }

  private int enabledPlugins() {
    int enabled = 0;
    for (PluginSpec plugin : configuration.plugins()) {
      enabled += plugin.enabled() ? 1 : 0;
    }
    return enabled;
  }

  /** SIGHUP: what can change while the agent runs does; the rest is named. */
  private void reload() throws ConfigException {
    notifier.reloading();
    try {
      AgentConfiguration fresh = AgentConfiguration.load(configFile);
      AgentConfig before = agent();
      AgentConfig now = fresh.agent();
      List<String> fixed = now.needsRestartAfter(before);
      if (!fixed.isEmpty()) {
        LOG.warn("changes of these keys need a restart: {}", String.join(", ", fixed));
        now = now.withFixedKeysOf(before);
      }
      configuration = new AgentConfiguration(fresh.file(), now, fresh.plugins());
      DaemonLog.level(now.logLevel().name().toLowerCase(Locale.ROOT));
      spool.reconfigure(spoolSettings(now));
      uploader.reconfigure(uploadSettings(now), targets(now));
      plugins.reconfigure(fresh.plugins());
      LOG.info("configuration read again");
    } finally {
      notifier.ready(statusLine());
    }
  }

  private AgentConfig agent() {
    return configuration.agent();
  }

  private String deviceId(AgentConfig agent) throws IOException {
    return agent.deviceId().isPresent()
        ? agent.deviceId().get()
        : new DeviceIdentity(root, agent.stateDir()).resolve();
  }

  private static SpoolSettings spoolSettings(AgentConfig agent) {
    SpoolConfig spool = agent.spool();
    return new SpoolSettings(
        AgentFiles.spool(agent.stateDir()),
        agent.periodLength().map(PeriodRule::every).orElse(PeriodRule.isoWeek()),
        spool.flushInterval(),
        spool.segmentMax(),
        spool.maxBytes(),
        spool.minFreeBytes(),
        spool.minFreeInodes(),
        spool.whenFull(),
        agent.receiptsRequired());
  }

  private UploadSettings uploadSettings(AgentConfig agent) {
    Duration period = agent.periodLength().orElse(WEEK);
    return new UploadSettings(
        Splay.of(device, agent.splay(), period), agent.uploadWindow(), agent.receiptsRequired());
  }

  private Targets targets(AgentConfig agent) {
    return agent.collectors().announced()
        ? new AnnouncedCollectors(
            () -> discovery.known(ServiceType.COLLECTOR),
            pinned,
            agent.transport().name().toLowerCase(Locale.ROOT))
        : new ListedCollectors(agent.collectors().addresses());
  }

  /** Called by the spool, which is there before the uploader is. */
  private void announceSealed() {
    Uploader running = uploader;
    if (running != null) {
      running.archiveSealed();
    }
  }

  private Map<String, String> announcedText(int waiting) {
    String transport = agent().transport().name().toLowerCase(Locale.ROOT);
    return Map.of(
        "version", Version.text(), "transport", transport, "waiting", Integer.toString(waiting));
  }

  private String statusLine() {
    return uploader.status().doing();
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }

  /** A collector that shows up, or moves, is a reason to try at once. */
  private final class CollectorNews implements DiscoveryListener {
    @Override
    public void found(Discovered service) {
      uploader.targetFound();
    }

    @Override
    public void lost(ServiceType type, String id) {
      // an attempt will find out; its waits are spread
    }
  }

  private final class DaemonStatus implements StatusVerb.Sources {
    @Override
    public String device() {
      return device;
    }

    @Override
    public SpoolStatus spool() {
      return spool.status();
    }

    @Override
    public List<PluginStatus> plugins() {
      return plugins.statuses();
    }

    @Override
    public UploadStatus upload() {
      return uploader.status();
    }

    @Override
    public List<Discovered> collectors() {
      return discovery.known(ServiceType.COLLECTOR);
    }

    @Override
    public Optional<String> pinnedCollector() {
      return pinned.id();
    }

    @Override
    public DiscoveryStatus discovery() {
      return discovery.status();
    }

    @Override
    public List<String> problems() {
      List<String> problems = new ArrayList<>();
      spool.status().problem().ifPresent(problems::add);
      plugins.problem().ifPresent(problems::add);
      UploadStatus upload = uploader.status();
      if (upload.waiting() > 0) {
        upload.lastError().ifPresent(problems::add);
      }
      String deaf = discovery.status().problem();
      if (agent().collectors().announced() && !deaf.isEmpty()) {
        problems.add("discovery: " + deaf);
      }
      for (PluginStatus plugin : plugins.statuses()) {
        if (plugin.state() == PluginStatus.State.HANGING) {
          problems.add("plugin " + plugin.name() + " hangs");
        }
      }
      return problems;
    }
  }
}
