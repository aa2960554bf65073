package io.pifleet.collector.cli;

import io.pifleet.collector.CollectorIdentity;
import io.pifleet.collector.catalog.Catalog;
import io.pifleet.collector.catalog.CatalogFile;
import io.pifleet.collector.catalog.SqliteLibrary;
import io.pifleet.collector.config.CollectorConfig;
import io.pifleet.collector.store.ArchiveStore;
import io.pifleet.collector.store.StoreScan;
import io.pifleet.collector.store.StoreSettings;
import io.pifleet.daemon.cli.CommandFailedException;
import io.pifleet.daemon.config.ConfigException;
import io.pifleet.daemon.control.NoDaemonException;
import io.pifleet.daemon.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code forget}. */
@Command(
    name = "forget",
    description = {
      "Delete all archives of a device, and what is known of it.",
      "Asks the running collector; without one, does it itself, for the owner of the store only."
    },
    mixinStandardHelpOptions = true)
final class ForgetCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Parameters(
      paramLabel = "DEVICE",
      description = "A device, as \"devices\" lists it.",
      converter = DeviceParameter.Converter.class)
  private DeviceParameter device;

  @Override
  public Integer call() throws Exception {
    CollectorConfig loaded = config.load();
    if (!yes) {
      confirm(new StoreScan(config.store()).archives(device.id()).size());
    }
    long archives;
    try {
      AtomicLong answered = new AtomicLong();
      config
          .daemon()
          .call(
              "forget",
              Map.of("device", device.id()),
              line -> answered.set(JsonObject.parse(line).number("archives", 0)));
      archives = answered.get();
    } catch (NoDaemonException e) {
      archives = forgetHere(loaded);
    }
    System.out.println("forgot " + device.id() + " and its " + archives + " archives");
    return 0;
  }

  private void confirm(int archives) throws IOException, CommandFailedException {
    System.err.printf("Delete %d archives of %s for ever? Type its id: ", archives, device.id());
    String answer =
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
    if (answer == null) {
      throw new CommandFailedException("nobody to ask; say --yes");
    }
    if (!device.id().equals(answer.strip())) {
      throw new CommandFailedException("not confirmed, nothing is deleted");
    }
  }

  private int forgetHere(CollectorConfig loaded)
      throws IOException, ConfigException, CommandFailedException {
    StoreOwner.require(config.store().store(), StoreOwner.caller(), "forget " + device.id());
    SqliteLibrary.unpackInto(loaded.stateDir());
    try (Catalog catalog = CatalogFile.open(loaded.catalogFile(), Clock.systemUTC());
        ArchiveStore store = openStore(loaded, catalog)) {
      return store.forget(device.id());
    }
  }

  private ArchiveStore openStore(CollectorConfig loaded, Catalog catalog)
      throws IOException, ConfigException, CommandFailedException {
    return ArchiveStore.open(
        config.store(),
        // Opening completes what a crash left, with a receipt that a device may come for.
        new StoreSettings(
            CollectorIdentity.of(loaded), loaded.minFreeBytes(), loaded.incomingMaxAge()),
        catalog,
        event -> System.err.println(event.device() + ": " + event.text()),
        Clock.systemUTC());
  }
}
