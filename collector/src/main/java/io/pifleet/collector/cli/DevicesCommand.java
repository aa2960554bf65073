package io.pifleet.collector.cli;

import io.pifleet.collector.catalog.Catalog;
import io.pifleet.collector.catalog.DeviceRow;
import io.pifleet.collector.config.CollectorConfig;
import io.pifleet.daemon.cli.ExitStatus;
import io.pifleet.daemon.cli.Human;
import io.pifleet.daemon.cli.Table;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code devices}. */
@Command(
    name = "devices",
    description = {"List the devices of the fleet.", "Reads the files; no daemon has to run."},
    mixinStandardHelpOptions = true)
final class DevicesCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Option(
      names = "--late",
      description = {
        "Only those whose last archive is older than late-after; ends with 1 when there are some."
      })
  private boolean onlyLate;

  @Option(names = "--json", description = "Print one line of JSON for each.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    CollectorConfig loaded = config.load();
    Instant now = Instant.now();
    Instant lateSince = now.minus(loaded.lateAfter());
    Table table =
        new Table()
            .column("DEVICE")
            .column("LAST ARCHIVE")
            .column("RECEIVED")
            .figures("ARCHIVES")
            .figures("SIZE")
            .column("LAST SEEN")
            .column("ADDRESS")
            .column("AGENT")
            .column("");
    int late = 0;
    try (Catalog catalog =
        CatalogView.open(loaded.catalogFile(), config.store(), Optional.empty())) {
      for (DeviceRow device : catalog.devices()) {
        boolean isLate = device.isLate(lateSince);
        late += isLate ? 1 : 0;
        if (onlyLate && !isLate) {
          continue;
        }
        if (json) {
          print(device, isLate);
        } else {
          add(table, device, isLate, now);
        }
      }
    }
    if (!json && table.size() > 0) {
      table.print(System.out);
    } else if (!json) {
      System.out.println(onlyLate ? "no device is late" : "no devices yet");
    }
    return onlyLate && late > 0 ? ExitStatus.FAILED : ExitStatus.FINE;
  }

  private static void add(Table table, DeviceRow device, boolean isLate, Instant now) {
    table.row(
        device.id(),
        orNull(device.newest()),
        device.lastReceived() == null ? null : device.lastReceived().toString(),
        Integer.toString(device.archives()),
        Human.bytes(device.bytes()),
        Human.duration(Duration.between(device.lastSeen(), now)) + " ago",
        orNull(device.address()),
        orNull(device.agent()),
        isLate ? "LATE" : "");
  }

  private static String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static void print(DeviceRow device, boolean isLate) throws IOException {
    JsonLine.print(
        out ->
            out.text("device", device.id())
                .time("first-seen", device.firstSeen())
                .time("last-seen", device.lastSeen())
                .text("address", device.address())
                .text("agent", device.agent())
                .number("archives", device.archives())
                .number("bytes", device.bytes())
                .text("last-archive", orNull(device.newest()))
                .time("last-received", device.lastReceived())
                .flag("late", isLate));
  }
}
