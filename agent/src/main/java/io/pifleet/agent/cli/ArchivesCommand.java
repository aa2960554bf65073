package io.pifleet.agent.cli;

import io.pifleet.agent.AgentFiles;
import io.pifleet.agent.spool.SealedArchives;
import io.pifleet.daemon.cli.ErrorText;
import io.pifleet.daemon.cli.ExitStatus;
import io.pifleet.daemon.cli.Human;
import io.pifleet.daemon.cli.Table;
import io.pifleet.daemon.json.JsonOut;
import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Manifest;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code archives}. */
@Command(
    name = "archives",
    description = {
      "List the sealed archives that are still on this device.",
      "Reads the spool; no daemon has to run."
    },
    mixinStandardHelpOptions = true)
final class ArchivesCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Option(names = "--json", description = "Print one line of JSON for each.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    SealedArchives archives = SealedArchives.in(AgentFiles.spool(config.load().agent().stateDir()));
    Table table =
        new Table()
            .column("ARCHIVE")
            .column("SEALED")
            .figures("SIZE")
            .figures("SEGMENTS")
            .figures("MEMBERS")
            .figures("GAPS")
            .column("RECEIPTS");
    int unreadable = 0;
    for (ArchiveName name : archives.names()) {
      try {
        Manifest manifest = archives.open(name).manifest();
        List<String> receipts = archives.receipts(name);
        if (json) {
          print(manifest, receipts);
        } else {
          add(table, manifest, receipts);
        }
      } catch (NoSuchFileException e) {
        // delivered since it was listed
      } catch (IOException e) {
        unreadable++;
        System.err.println(
            AgentCommand.NAME + ": archive " + name + " cannot be read: " + ErrorText.of(e));
      }
    }
    if (!json && table.size() > 0) {
      table.print(System.out);
    } else if (!json && unreadable == 0) {
      System.out.println("no sealed archives here");
    }
    return unreadable == 0 ? ExitStatus.FINE : ExitStatus.FAILED;
  }

  private static void add(Table table, Manifest manifest, List<String> receipts) {
    table.row(
        manifest.name().toString(),
        manifest.sealed().truncatedTo(ChronoUnit.SECONDS).toString(),
        Human.bytes(manifest.archiveBytes()),
        Integer.toString(manifest.segments().count()),
        Integer.toString(manifest.members()),
        Integer.toString(manifest.gaps()),
        receipts.isEmpty() ? "-" : String.join(", ", receipts));
  }

  private static void print(Manifest manifest, List<String> receipts) throws IOException {
    JsonOut out = new JsonOut(System.out); // ends its line itself; stdout stays open
    out.object()
        .text("archive", manifest.name().toString())
        .text("digest", manifest.digest().toString())
        .time("from", manifest.from())
        .time("to", manifest.to())
        .time("sealed", manifest.sealed())
        .number("bytes", manifest.archiveBytes())
        .number("segments", manifest.segments().count())
        .number("members", manifest.members())
        .number("gaps", manifest.gaps())
        .array("receipts");
    for (String receipt : receipts) {
      out.item(receipt);
    }
    out.end().end();
  }
}
