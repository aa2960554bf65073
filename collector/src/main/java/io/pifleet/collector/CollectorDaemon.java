package io.pifleet.collector;

import io.pifleet.collector.catalog.Catalog;
import io.pifleet.collector.catalog.CatalogFile;
import io.pifleet.collector.catalog.EventRow;
import io.pifleet.collector.catalog.SqliteLibrary;
import io.pifleet.collector.config.CollectorConfig;
import io.pifleet.collector.config.ListenAddress;
import io.pifleet.collector.control.ForgetVerb;
import io.pifleet.collector.control.StatusVerb;
import io.pifleet.collector.receive.Listener;
import io.pifleet.collector.receive.Reception;
import io.pifleet.collector.receive.ReceptionLog;
import io.pifleet.collector.receive.StoreWatch;
import io.pifleet.collector.receive.TransferSlots;
import io.pifleet.collector.store.ArchiveStore;
import io.pifleet.collector.store.Retention;
import io.pifleet.collector.store.StoreLayout;
import io.pifleet.collector.store.StoreSettings;
import io.pifleet.daemon.Version;
import io.pifleet.daemon.config.ConfigException;
import io.pifleet.daemon.control.ControlServer;
import io.pifleet.daemon.health.HealthMonitor;
import io.pifleet.daemon.lifecycle.DaemonLifecycle;
import io.pifleet.daemon.logging.DaemonLog;
import io.pifleet.linux.NativeLibraries;
import io.pifleet.linux.ServiceNotifier;
import io.pifleet.protocol.discovery.Announcement;
import io.pifleet.protocol.discovery.DiscoveryStatus;
import io.pifleet.protocol.discovery.InterfaceChoice;
import io.pifleet.protocol.discovery.MulticastDns;
import io.pifleet.protocol.discovery.ServiceType;
import io.pifleet.protocol.transfer.Deadlines;
import io.pifleet.protocol.transfer.LiveTransfer;
import io.pifleet.protocol.transfer.ReceiverLimits;
import io.pifleet.protocol.transfer.Takeovers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The collector, put together. Reads from top to bottom as the wiring diagram: catalog, store, who
 * is let in, listening, housekeeping, control, discovery, health. What is started later is stopped
 * earlier.
 */
public final class CollectorDaemon {
  private static final Logger LOG = LoggerFactory.getLogger(CollectorDaemon.class);

  private final Path configFile;
  private final DaemonLifecycle lifecycle;
  private final ServiceNotifier notifier;
  private final String id;
  private final Catalog catalog;
  private final CatalogDiary diary;
  private final ArchiveStore store;
  private final StoreWatch storeWatch;
  private final TransferSlots slots;
  private final ReceptionLog log;
  private final Reception reception;
  private final List<Listener> listeners = new ArrayList<>();
  private final Housekeeping housekeeping;
  private final Optional<MulticastDns> discovery;
  private final Clock clock = Clock.systemUTC();
  private Thread goodbye; // ends discovery; there when that is
  private volatile CollectorConfig config;

  /**
   * Runs until a signal ends it.
   *
   * @return the exit status
   * @throws ConfigException when the configuration is wrong
   * @throws IOException when the collector cannot start
   */
  public static int run(Path configFile) throws IOException, ConfigException {
    CollectorConfig config = CollectorConfig.load(configFile);
    DaemonLog.forDaemon();
    DaemonLog.level(config.logLevel().name());
    NativeLibraries.require();
    DaemonLifecycle lifecycle = new DaemonLifecycle();
    lifecycle.install();
    new CollectorDaemon(configFile, config, lifecycle).start();
    return lifecycle.awaitStop();
  }

  private CollectorDaemon(Path configFile, CollectorConfig config, DaemonLifecycle lifecycle)
      throws IOException {
    this.configFile = configFile;
    this.config = config;
    this.lifecycle = lifecycle;
    notifier = ServiceNotifier.fromEnvironment(System.getenv());
    Files.createDirectories(config.stateDir());
    Files.createDirectories(config.runtimeDir());
    id = CollectorIdentity.of(config);

    SqliteLibrary.unpackInto(config.stateDir());
    catalog = CatalogFile.open(config.catalogFile(), clock);
    lifecycle.onStop("catalog", catalog::close);
    diary = new CatalogDiary(catalog);

    discovery =
        config.announce()
            ? Optional.of(new MulticastDns(interfaces(config), id))
            : Optional.empty();
    discovery.ifPresent(this::stopLast);

    notifier.status("looking through the store");
    store =
        ArchiveStore.open(
            new StoreLayout(config.storeDir()),
            new StoreSettings(id, config.minFreeBytes(), config.incomingMaxAge()),
            catalog,
            diary,
            clock);
    lifecycle.onStop("store", store::close);

    Deadlines deadlines = new Deadlines();
    lifecycle.onStop("deadlines", deadlines::close);
    storeWatch = new StoreWatch(store, System::nanoTime);
    slots = new TransferSlots(config.maxTransfers(), System::nanoTime);
    log = new ReceptionLog(diary, System::nanoTime);
    reception =
        new Reception(
            storeWatch,
            slots,
            new Takeovers(System::nanoTime),
            deadlines,
            () -> ReceiverLimits.DEFAULT.withGrantMaxBytes(this.config.grantMaxBytes()),
            log);
    lifecycle.onStop("transfers", reception::close);

    housekeeping = new Housekeeping(store, this::retention);
  }

  private void start() throws IOException {
    for (ListenAddress address : config.listen()) {
      Listener listener = Listener.start(address.resolve(), reception::serve);
      lifecycle.onStop("listening", listener::close);
      listeners.add(listener);
    }

    housekeeping.start();
    lifecycle.onStop("housekeeping", housekeeping::close);

    ControlServer control =
        ControlServer.start(
            config.controlSocket(),
            "pifleet-collector",
            Map.of("status", new StatusVerb(new DaemonStatus()), "forget", new ForgetVerb(store)));
    lifecycle.onStop("control", control::close);

    discovery.ifPresent(this::announce);

    HealthMonitor health = new HealthMonitor(notifier, this::statusLine);
    health.check("listening", this::listeningProblem);
    health.check("catalog", catalog::damage);
    health.check("housekeeping", housekeeping::problem);
    health.start();
    lifecycle.onStop("health", health::close);

    lifecycle.onReload(this::reload);
    lifecycle.onStop("announcement of the stop", () -> notifier.stopping("stopping"));
    notifier.ready(statusLine());
    LOG.info("collector {} listens on {}, stores in {}", id, listeners, config.storeDir());
  }

  private void announce(MulticastDns dns) {
    dns.announce(
        new Announcement(
            ServiceType.COLLECTOR,
            id,
            listeners.get(0).address().getPort(),
            Map.of("version", Version.text(), "transport", transport())));
    dns.start();
    lifecycle.onStop("announcing", goodbye::start);
  }

  /** Saying goodbye takes seconds, in which the transfers can end as well. */
  private void stopLast(MulticastDns dns) {
    goodbye = new Thread(dns::close, "goodbye");
    goodbye.setDaemon(true);
    lifecycle.onStop("discovery", goodbye::join);
  }

  /** SIGHUP: what can change while the collector runs does; the rest is named. */
  private void reload() throws ConfigException {
    notifier.reloading();
    try {
      CollectorConfig fresh = CollectorConfig.load(configFile);
      List<String> fixed = fresh.needsRestartAfter(config);
      if (!fixed.isEmpty()) {
        LOG.warn("changes of these keys need a restart: {}", String.join(", ", fixed));
        fresh = fresh.withFixedKeysOf(config);
      }
      config = fresh;
      DaemonLog.level(fresh.logLevel().name());
      slots.resize(fresh.maxTransfers());
      housekeeping.wake();
      LOG.info("configuration read again");
    } finally {
      notifier.ready(statusLine());
    }
  }

  private static InterfaceChoice interfaces(CollectorConfig config) {
    return config.interfaces().isEmpty()
        ? InterfaceChoice.auto()
        : InterfaceChoice.named(config.interfaces());
  }

  private Retention retention() {
    return new Retention(store, catalog, config.maxAge(), config.maxBytesPerDevice(), clock);
  }

  private String transport() {
    return config.transport().name().toLowerCase(Locale.ROOT);
  }

  private String statusLine() {
    return log.counts().get("stored")
        + " archives received, "
        + slots.usage()
        + " slots taken, listening on "
        + listeners
        + storeWatch.problem().map(problem -> "; " + problem).orElse("");
  }

  private Optional<String> listeningProblem() {
    for (Listener listener : listeners) {
      if (!listener.isAlive()) {
        return Optional.of(listener + " is no longer listened on");
      }
    }
    return Optional.empty();
  }

  private final class DaemonStatus implements StatusVerb.Sources {
    @Override
    public String collector() {
      return id;
    }

    @Override
    public List<String> listening() {
      return listeners.stream().map(Listener::toString).toList();
    }

    @Override
    public Path storeDir() {
      return config.storeDir();
    }

    @Override
    public long usableBytes() throws IOException {
      return storeWatch.problem().isPresent()
          ? 0 // asking would hang as well
          : Files.getFileStore(config.storeDir()).getUsableSpace();
    }

    @Override
    public Catalog.Totals totals() throws IOException {
      return catalog.totals();
    }

    @Override
    public int lateDevices() throws IOException {
      return catalog.lateDevices(clock.instant().minus(config.lateAfter()));
    }

    @Override
    public Reception.Counts connections() {
      return reception.counts();
    }

    @Override
    public String slots() {
      return slots.usage();
    }

    @Override
    public int waiting() {
      return slots.waiting();
    }

    @Override
    public Map<String, Long> counts() {
      return log.counts();
    }

    @Override
    public List<LiveTransfer> live() {
      return log.live();
    }

    @Override
    public Duration age(LiveTransfer transfer) {
      return log.age(transfer);
    }

    @Override
    public Optional<DiscoveryStatus> discovery() {
      return discovery.map(MulticastDns::status);
    }

    @Override
    public List<EventRow> events(int limit) throws IOException {
      return catalog.events(limit);
    }

    @Override
    public List<String> problems() {
      List<String> problems = new ArrayList<>();
      diary.problem().ifPresent(problems::add);
      housekeeping.problem().ifPresent(problems::add);
      storeWatch.problem().ifPresent(problems::add);
      housekeeping.heldBack().ifPresent(problems::add);
      listeningProblem().ifPresent(problems::add);
      discovery
          .map(dns -> dns.status().problem())
          .filter(p -> !p.isEmpty())
          .ifPresent(problems::add);
      if (store.devicesBehind() > 0) {
        problems.add("the catalog is behind for " + store.devicesBehind() + " devices");
      }
      return problems;
    }
  }
}
