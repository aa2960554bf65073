package io.pifleet.collector.store;

import io.pifleet.collector.store.DeviceShelf.Part;
import io.pifleet.protocol.DeviceId;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.wire.Receipt;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Reads what is in a store and changes nothing: for commands, which work beside a running collector
 * and without one. Immutable.
 */
public final class StoreScan {
  private static final Set<Part> WHOLE = EnumSet.allOf(Part.class);

  private final StoreLayout layout;

  public StoreScan(StoreLayout layout) {
    this.layout = layout;
  }

  /** All devices that have a directory here. */
  public SortedSet<String> devices() throws IOException {
    SortedSet<String> devices = new TreeSet<>();
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(layout.store())) {
      for (Path directory : directories) {
        String device = directory.getFileName().toString();
        if (DeviceId.isValid(device) && Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
          devices.add(device);
        }
      }
    }
    return devices;
  }

  /** The archives of a device whose files are all there, in the order of periods. */
  public SortedSet<StoredName> archives(String device) throws IOException {
    return names(device, true);
  }

  /** The archives of a device of whose files one is missing. Those that arrive now may be here. */
  public SortedSet<StoredName> incomplete(String device) throws IOException {
    return names(device, false);
  }

  private SortedSet<StoredName> names(String device, boolean whole) throws IOException {
    SortedSet<StoredName> names = new TreeSet<>();
    for (Map.Entry<StoredName, Set<Part>> entry :
        DeviceShelf.list(layout.device(device)).entrySet()) {
      if (entry.getValue().equals(WHOLE) == whole) {
        names.add(entry.getKey());
      }
    }
    return names;
  }

  /** Whether all files of an archive are there. */
  public boolean holds(String device, StoredName name) {
    return Files.isRegularFile(layout.archive(device, name))
        && Files.isRegularFile(layout.manifest(device, name))
        && Files.isRegularFile(layout.receipt(device, name));
  }

  /**
   * Whether an archive that lacks a file is on its way: the collector still has it among what is
   * incoming, or has finished it meanwhile.
   */
  public boolean isBeingStored(String device, StoredName name) {
    if (holds(device, name)) {
      return true;
    }
    try {
      Manifest manifest =
          ArchiveCommit.readManifest(layout.manifest(device, name), ManifestVisitor.NONE);
      return Files.isDirectory(layout.incoming(device, manifest.digest()));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * What the files of a stored archive say about it.
   *
   * @throws IOException when they cannot be read, or contradict each other
   */
  public StoredArchive load(String device, StoredName name) throws IOException {
    Manifest manifest =
        ArchiveCommit.readManifest(layout.manifest(device, name), ManifestVisitor.NONE);
    Receipt receipt = Receipts.read(layout.receipt(device, name));
    long length = Files.size(layout.archive(device, name));
    if (!manifest.device().equals(device) || !manifest.name().equals(name.archive())) {
      throw new IOException("its manifest is of " + manifest.device() + " " + manifest.name());
    }
    if (!receipt.digest().equals(manifest.digest()) || length != manifest.archiveBytes()) {
      throw new IOException("manifest, receipt and length contradict each other");
    }
    return StoredArchive.of(name, manifest, receipt.received());
  }

  /**
   * Puts everything that is stored into an empty index; what cannot be read is left out.
   *
   * @param device empty: of all devices
   */
  public void fill(StoreIndex index, Optional<String> device) throws IOException {
    for (String each : device.isPresent() ? Set.of(device.get()) : devices()) {
      for (StoredName name : archives(each)) {
        StoredArchive archive;
        try {
          archive = load(each, name);
        } catch (IOException e) {
          continue; // "verify" says what is wrong with it
        }
        index.stored(archive);
      }
    }
  }
}
