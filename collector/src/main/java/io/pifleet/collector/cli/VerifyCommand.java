package io.pifleet.collector.cli;

import io.pifleet.collector.catalog.Catalog;
import io.pifleet.collector.catalog.CatalogFile;
import io.pifleet.collector.store.ArchiveVerifier;
import io.pifleet.collector.store.StoreLayout;
import io.pifleet.collector.store.StoreScan;
import io.pifleet.collector.store.StoredName;
import io.pifleet.daemon.cli.CommandFailedException;
import io.pifleet.daemon.cli.ExitStatus;
import io.pifleet.daemon.cli.Human;
import io.pifleet.daemon.cli.Printable;
import io.pifleet.daemon.cli.Progress;
import io.pifleet.daemon.cli.ProgressDisplay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code verify}. */
@Command(
    name = "verify",
    description = {
      "Read what is stored again and compare it with its hashes; ends with 1 when something is"
          + " wrong.",
      "Reads the store; no daemon has to run."
    },
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Option(names = "--json", description = "Print one line of JSON for each archive.")
  private boolean json;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DEVICE",
      description = "Only the archives of this device.",
      converter = DeviceParameter.Converter.class)
  private DeviceParameter device;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "ARCHIVE",
      description = "Only this one.",
      converter = DeviceParameter.NameConverter.class)
  private StoredName only;

  private int archives;
  private int bad;
  private long bytes;

  @Override
  public Integer call() throws Exception {
    StoreLayout layout = config.store();
    StoreScan scan = new StoreScan(layout);
    ArchiveVerifier verifier = new ArchiveVerifier(layout);
    Set<String> devices = device == null ? scan.devices() : Set.of(device.id());
    try (Results results = new Results(config.load().catalogFile())) {
      for (String each : devices) {
        for (StoredName name : namesOf(scan, each)) {
          List<String> findings = verify(verifier, layout, each, name);
          report(each, name, findings);
          results.record(each, name, findings.size());
        }
      }
    }
    if (archives == 0 && device != null) {
      throw new CommandFailedException("no such archive is stored");
    }
    if (!json) {
      System.out.println(
          archives + " archives, " + Human.bytes(bytes) + " read, " + bad + " with findings");
    }
    return bad == 0 ? ExitStatus.FINE : ExitStatus.FAILED;
  }

  private List<String> verify(
      ArchiveVerifier verifier, StoreLayout layout, String each, StoredName name) {
    String label = each + " " + name;
    long size = sizeOf(layout.archive(each, name));
    long before = bytes;
    long start = System.nanoTime();
    try (ProgressDisplay progress = ProgressDisplay.onStderr()) {
      return verifier.verify(
          each,
          name,
          read -> {
            bytes += read;
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            progress.show(label, new Progress(bytes - before, size, 0, elapsed));
          });
    }
  }

  /** Those that lack a file as well: the verifier says which. */
  private Set<StoredName> namesOf(StoreScan scan, String each) throws IOException {
    Set<StoredName> names = new TreeSet<>(scan.archives(each));
    for (StoredName name : scan.incomplete(each)) {
      if (!scan.isBeingStored(each, name)) {
        names.add(name);
      }
    }
    if (only != null) {
      names.retainAll(Set.of(only));
    }
    return names;
  }

  private void report(String each, StoredName name, List<String> findings) throws IOException {
    archives++;
    bad += findings.isEmpty() ? 0 : 1;
    if (json) {
      JsonLine.print(
          out -> {
            out.text("device", each).text("archive", name.toString());
            out.flag("fine", findings.isEmpty()).array("findings");
            for (String finding : findings) {
              out.item(finding);
            }
            out.end();
          });
      return;
    }
    for (String finding : findings) {
      System.out.println(each + " " + name + ": " + Printable.line(finding));
    }
  }

  private static long sizeOf(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0; // the verifier says that it is missing
    }
  }

  /** Remembers results in the catalog, where this user may write it. */
  private static final class Results implements AutoCloseable {
    private final Optional<Catalog> catalog;

    Results(Path file) {
      Optional<Catalog> opened = Optional.empty();
      try {
        opened = Optional.of(CatalogFile.openBeside(file, Clock.systemUTC()));
      } catch (IOException e) {
        System.err.println("the results are not recorded: " + e.getMessage());
      }
      catalog = opened;
    }

    void record(String device, StoredName name, int findings) throws IOException {
      if (catalog.isPresent()) {
        catalog.get().verified(device, name, findings);
      }
    }

    @Override
    public void close() throws IOException {
      if (catalog.isPresent()) {
        catalog.get().close();
      }
    }
  }
}
