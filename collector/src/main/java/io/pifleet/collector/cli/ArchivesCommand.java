package io.pifleet.collector.cli;

import io.pifleet.collector.catalog.ArchiveRow;
import io.pifleet.collector.catalog.Catalog;
import io.pifleet.collector.store.StoredArchive;
import io.pifleet.daemon.cli.Human;
import io.pifleet.daemon.cli.Table;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code archives}. */
@Command(
    name = "archives",
    description = {"List the stored archives.", "Reads the files; no daemon has to run."},
    mixinStandardHelpOptions = true)
final class ArchivesCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Option(names = "--json", description = "Print one line of JSON for each.")
  private boolean json;

  @Parameters(
      arity = "0..1",
      paramLabel = "DEVICE",
      description = "Only those of this device.",
      converter = DeviceParameter.Converter.class)
  private DeviceParameter device;

  @Override
  public Integer call() throws Exception {
    Optional<String> wanted = Optional.ofNullable(device).map(DeviceParameter::id);
    Table table =
        new Table()
            .column("DEVICE")
            .column("ARCHIVE")
            .column("RECEIVED")
            .figures("SIZE")
            .figures("RECORDS")
            .figures("MEMBERS")
            .figures("GAPS")
            .column("VERIFIED");
    try (Catalog catalog = CatalogView.open(config.load().catalogFile(), config.store(), wanted)) {
      catalog.archives(wanted, json ? ArchivesCommand::print : row -> add(table, row));
    }
    if (!json && table.size() > 0) {
      table.print(System.out);
    } else if (!json) {
      System.out.println(wanted.map(id -> "no archives of " + id).orElse("no archives yet"));
    }
    return 0;
  }

  private static void add(Table table, ArchiveRow row) {
    StoredArchive archive = row.archive();
    table.row(
        archive.device(),
        archive.name().toString(),
        archive.received().toString(),
        Human.bytes(archive.bytes()),
        Long.toString(archive.records()),
        Integer.toString(archive.members()),
        Integer.toString(archive.gaps()),
        row.verified() == null
            ? null
            : row.verified() + (row.findings() == 0 ? "" : ", " + row.findings() + " FINDINGS"));
  }

  private static void print(ArchiveRow row) throws IOException {
    StoredArchive archive = row.archive();
    JsonLine.print(
        out ->
            out.text("device", archive.device())
                .text("archive", archive.name().toString())
                .text("digest", archive.digest().toString())
                .time("from", archive.from())
                .time("to", archive.to())
                .time("sealed", archive.sealed())
                .time("received", archive.received())
                .number("bytes", archive.bytes())
                .number("records", archive.records())
                .number("gaps", archive.gaps())
                .number("members", archive.members())
                .number("segments", archive.segments())
                .text("agent", archive.agent())
                .flag("conflict", archive.name().isConflict())
                .time("verified", row.verified())
                .number("findings", row.findings()));
  }
}
