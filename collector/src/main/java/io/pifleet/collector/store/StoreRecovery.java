package io.pifleet.collector.store;

import io.pifleet.collector.store.DeviceShelf.Part;
import io.pifleet.collector.store.StoreEvent.Kind;
import io.pifleet.protocol.DeviceId;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/**
 * Brings store and index to agreement: finishes or undoes what a crash interrupted (the table in
 * {@link ArchiveCommit}), and makes the index say what the files say. Runs when a store is opened,
 * and for one device when its index entry could not be written.
 *
 * <p>Must not run for a device whose lock somebody else holds.
 */
final class StoreRecovery {
  private static final Set<Part> WHOLE = EnumSet.allOf(Part.class);
  private static final Set<Part> WITHOUT_RECEIPT = EnumSet.of(Part.ARCHIVE, Part.MANIFEST);
  private static final Set<Part> MANIFEST_ALONE = EnumSet.of(Part.MANIFEST);

  private final StoreLayout layout;
  private final DurableFiles files;
  private final ArchiveCommit commit;
  private final StoreIndex index;
  private final StoreEvent.Listener events;
  private final ArchiveVerifier verifier;
  private final StoreScan scan;

  StoreRecovery(
      StoreLayout layout,
      DurableFiles files,
      ArchiveCommit commit,
      StoreIndex index,
      StoreEvent.Listener events) {
    this.layout = layout;
    this.files = files;
    this.commit = commit;
    this.index = index;
    this.events = events;
    this.verifier = new ArchiveVerifier(layout);
    this.scan = new StoreScan(layout);
  }

  /** All devices, and what is incoming. */
  void recover() throws IOException {
    for (String device : scan.devices()) {
      recover(device);
    }
    for (String device : index.devicesWithArchives()) {
      if (!Files.isDirectory(layout.device(device), LinkOption.NOFOLLOW_LINKS)) {
        recover(device);
      }
    }
    eachIncoming(this::dropIfStored);
  }

  /** One device. */
  void recover(String device) throws IOException {
    SortedSet<StoredName> indexed = index.names(device);
    for (Map.Entry<StoredName, Set<Part>> entry :
        DeviceShelf.list(layout.device(device)).entrySet()) {
      StoredName name = entry.getKey();
      Set<Part> parts = entry.getValue();
      boolean known = indexed.remove(name);
      try {
        if (known && !parts.equals(WHOLE)) {
          index.removed(device, name);
        }
        if (!known || !parts.equals(WHOLE)) {
          settle(device, name, parts);
        }
      } catch (IOException e) {
        report(Kind.DAMAGED, device, name, "cannot be used: " + Receipts.reason(e));
      }
    }
    for (StoredName name : indexed) {
      index.removed(device, name);
      report(Kind.VANISHED, device, name, "was stored, and all its files are gone");
    }
  }

  private void settle(String device, StoredName name, Set<Part> parts) throws IOException {
    if (parts.equals(WHOLE)) {
      StoredArchive archive = scan.load(device, name);
      files.sync(layout.device(device)); // whoever made it may not have come so far
      index.stored(archive);
    } else if (parts.equals(WITHOUT_RECEIPT)) {
      adopt(device, name);
    } else if (parts.equals(MANIFEST_ALONE)) {
      files.delete(layout.manifest(device, name));
    } else {
      Set<Part> missing = EnumSet.complementOf(EnumSet.copyOf(parts));
      report(
          missing.contains(Part.ARCHIVE) ? Kind.VANISHED : Kind.DAMAGED,
          device,
          name,
          "is not whole; missing: " + missing.toString().toLowerCase(Locale.ROOT));
    }
  }

  private void adopt(String device, StoredName name) throws IOException {
    Manifest manifest =
        ArchiveCommit.readManifest(layout.manifest(device, name), ManifestVisitor.NONE);
    if (!manifest.device().equals(device)) {
      throw new IOException("its manifest is of " + manifest.device());
    }
    List<String> findings = verifier.verifyData(name, manifest, bytes -> {});
    if (findings.isEmpty()) {
      ArchiveCommit.Stored stored =
          commit.writeReceipt(name, manifest, layout.incoming().resolve("receipt.tmp"));
      index.stored(stored.archive());
      report(Kind.ADOPTED, device, name, "was complete, and has its receipt now");
    } else {
      giveBack(name, manifest);
      report(Kind.RETURNED, device, name, "is incoming again: " + findings.get(0));
    }
  }

  /** No receipt was given for it, so its device still has it: only what is bad is asked for. */
  private void giveBack(StoredName name, Manifest manifest) throws IOException {
    String device = manifest.device();
    Path incoming = layout.incoming(device, manifest.digest());
    files.createDirectory(layout.incoming(device));
    files.createDirectory(incoming);
    files.write(
        incoming.resolve(IncomingArchive.MANIFEST),
        Files.readAllBytes(layout.manifest(device, name)));
    files.rename(layout.archive(device, name), incoming.resolve(IncomingArchive.DATA));
    // rename(2) does nothing when both are names of one file.
    files.delete(layout.archive(device, name));
    files.sync(layout.device(device));
    files.delete(layout.manifest(device, name));
  }

  /** Drops what is incoming of a device and stored as well. */
  void dropStoredIncoming(String device) throws IOException {
    eachIncoming(device, this::dropIfStored);
  }

  private void dropIfStored(String device, Sha256 digest, Path directory) throws IOException {
    Optional<StoredName> name = index.find(device, digest);
    if (name.isPresent()) {
      files.deleteDirectory(directory, IncomingArchive.MANIFEST);
    }
  }

  /** Sees what is incoming. */
  interface IncomingVisitor {
    void visit(String device, Sha256 digest, Path directory) throws IOException;
  }

  /** Every partial archive of every device; other things in the directory are left alone. */
  void eachIncoming(IncomingVisitor visitor) throws IOException {
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(layout.incoming())) {
      for (Path directory : devices) {
        String device = directory.getFileName().toString();
        if (DeviceId.isValid(device) && Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
          eachIncoming(device, visitor);
        }
      }
    }
  }

  void eachIncoming(String device, IncomingVisitor visitor) throws IOException {
    Path incoming = layout.incoming(device);
    if (!Files.isDirectory(incoming, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (DirectoryStream<Path> partials = Files.newDirectoryStream(incoming)) {
      for (Path partial : partials) {
        Optional<Sha256> digest = Sha256.parse(partial.getFileName().toString());
        if (digest.isPresent()) {
          visitor.visit(device, digest.get(), partial);
        }
      }
    }
  }

  private void report(Kind kind, String device, StoredName name, String what) {
    events.happened(new StoreEvent(kind, device, "archive " + name + " " + what));
  }
}
