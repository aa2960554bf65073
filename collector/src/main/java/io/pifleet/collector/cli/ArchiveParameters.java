package io.pifleet.collector.cli;

import io.pifleet.collector.store.StoreLayout;
import io.pifleet.collector.store.StoreScan;
import io.pifleet.collector.store.StoredName;
import io.pifleet.daemon.cli.CommandFailedException;
import java.io.IOException;
import java.util.SortedSet;
import picocli.CommandLine.Parameters;

/** {@code DEVICE ARCHIVE}. */
final class ArchiveParameters {
  @Parameters(
      index = "0",
      paramLabel = "DEVICE",
      description = "A device, as \"devices\" lists it.",
      converter = DeviceParameter.Converter.class)
  private DeviceParameter device;

  @Parameters(
      index = "1",
      paramLabel = "ARCHIVE",
      description = "One of its archives, as \"archives\" lists it.",
      converter = DeviceParameter.NameConverter.class)
  private StoredName name;

  String device() {
    return device.id();
  }

  StoredName name() {
    return name;
  }

  /**
   * @throws CommandFailedException when it is not there; says what is
   */
  void requireStored(StoreLayout layout) throws IOException, CommandFailedException {
    StoreScan scan = new StoreScan(layout);
    if (scan.holds(device(), name)) {
      return;
    }
    SortedSet<StoredName> archives = scan.archives(device());
    throw new CommandFailedException(
        archives.isEmpty()
            ? "no archive of a device " + device() + " is stored in " + layout.store()
            : "no archive "
                + name
                + " of "
                + device()
                + " is stored; its first is "
                + archives.first()
                + ", its last "
                + archives.last());
  }
}
