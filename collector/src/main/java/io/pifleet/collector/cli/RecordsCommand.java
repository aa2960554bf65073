package io.pifleet.collector.cli;

import io.pifleet.collector.store.ArchiveRecords;
import io.pifleet.collector.store.StoreLayout;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code records}. */
@Command(
    name = "records",
    description = {
      "Print the records of an archive as InfluxDB line protocol, stamps in nanoseconds.",
      "Reads the store; no daemon has to run."
    },
    mixinStandardHelpOptions = true)
final class RecordsCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;
  @Mixin private ArchiveParameters archive;

  @Override
  public Integer call() throws Exception {
    StoreLayout layout = config.store();
    archive.requireStored(layout);
    // Not System.out, which hides that the reader is gone until the end.
    OutputStream out =
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 128 << 10);
    new ArchiveRecords(layout).write(archive.device(), archive.name(), out);
    out.flush();
    return 0;
  }
}
