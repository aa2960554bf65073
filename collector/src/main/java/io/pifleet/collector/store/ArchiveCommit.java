package io.pifleet.collector.store;

import io.pifleet.protocol.archive.ArchiveEnd;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestReader;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.wire.Receipt;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Turns an incoming archive, all of whose segments are verified, into a stored one. The order of
 * the steps, and what {@link StoreRecovery} does when the world ended behind each:
 *
 * <pre>
 *   step                                            found at start             done about it
 *   1 end appended to data, length checked          incoming                   kept; hashed again when offered
 *   2 data fsynced                                  incoming                   the same
 *   3 ARCHIVE.manifest.json linked                  manifest without archive   manifest deleted; incoming kept
 *   4 data linked as ARCHIVE.tar.zst, fsync of dir  archive without receipt    verified: receipt made, catalogued
 *                                                                              (does not verify: incoming again)
 *   5 ARCHIVE.receipt.json linked, fsync of dir     all three, incoming        incoming deleted, catalogued
 *   6 catalogued                                    all three, incoming        incoming deleted
 *   7 incoming deleted                              all three                  nothing
 * </pre>
 *
 * <p>Deleting an archive goes backwards (receipt, archive, manifest), so that every state in
 * between is one of the above. A receipt without an archive is never the collector's doing.
 *
 * <p>Names are given by link(2), which replaces nothing. Called with the lock of the device held.
 */
final class ArchiveCommit {
  /** What was stored, and what to tell the device. */
  record Stored(StoredArchive archive, Receipt receipt) {}

  private final StoreLayout layout;
  private final DurableFiles files;
  private final String collector;
  private final Clock clock;

  ArchiveCommit(StoreLayout layout, DurableFiles files, String collector, Clock clock) {
    this.layout = layout;
    this.files = files;
    this.collector = collector;
    this.clock = clock;
  }

  /** Step 1. Holds the manifest and twice its size more in memory. */
  void appendEnd(IncomingArchive incoming) throws IOException {
    Manifest manifest = incoming.manifest();
    FileChannel data = incoming.data();
    Path path = incoming.directory().resolve(IncomingArchive.DATA);
    long at = manifest.segments().totalBytes();
    files.announce("append-end", path);
    byte[] bytes = Files.readAllBytes(incoming.directory().resolve(IncomingArchive.MANIFEST));
    if (!Sha256.of(bytes).equals(manifest.digest())) {
      throw new IOException(incoming.directory() + ": the manifest is no longer what was offered");
    }
    ByteBuffer end = ArchiveEnd.of(manifest, bytes);
    while (end.hasRemaining()) {
      at += data.write(end, at);
    }
    if (data.size() > manifest.archiveBytes()) {
      data.truncate(manifest.archiveBytes());
    }
    if (data.size() != manifest.archiveBytes()) {
      throw new IOException(
          path + " has " + data.size() + " bytes; wanted: " + manifest.archiveBytes());
    }
  }

  /** Step 2. */
  void syncData(IncomingArchive incoming) throws IOException {
    files.sync(incoming.data(), incoming.directory().resolve(IncomingArchive.DATA));
  }

  /** Steps 3 to 5. */
  Stored publish(IncomingArchive incoming) throws IOException {
    Manifest manifest = incoming.manifest();
    String device = manifest.device();
    files.createDirectory(layout.device(device));
    StoredName name = freeName(manifest);
    Path directory = incoming.directory();
    files.publish(
        directory.resolve("manifest.tmp"),
        layout.manifest(device, name),
        Files.readAllBytes(directory.resolve(IncomingArchive.MANIFEST)));
    files.publish(directory.resolve(IncomingArchive.DATA), layout.archive(device, name));
    files.sync(layout.device(device));
    return writeReceipt(name, manifest, directory.resolve("receipt.tmp"));
  }

  /**
   * Step 5: says durably that an archive is stored.
   *
   * @param temporary a name in the store that is nobody else's
   */
  Stored writeReceipt(StoredName name, Manifest manifest, Path temporary) throws IOException {
    Instant received = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Receipt receipt =
        new Receipt(
            manifest.device(),
            name.toString(),
            manifest.digest(),
            manifest.archiveBytes(),
            received,
            collector);
    files.publish(temporary, layout.receipt(manifest.device(), name), receipt.encode());
    files.sync(layout.device(manifest.device()));
    return new Stored(StoredArchive.of(name, manifest, received), receipt);
  }

  /** Deletes a stored archive, in the order that start-up understands. */
  void delete(String device, StoredName name) throws IOException {
    files.delete(layout.receipt(device, name));
    files.sync(layout.device(device));
    files.delete(layout.archive(device, name));
    files.delete(layout.manifest(device, name));
    files.sync(layout.device(device));
  }

  private StoredName freeName(Manifest manifest) throws IOException {
    for (StoredName name : StoredName.candidates(manifest.name(), manifest.digest())) {
      Path taken = layout.manifest(manifest.device(), name);
      if (exists(taken)) {
        if (digestOf(taken).equals(manifest.digest())) {
          // What a commit left that failed half way, or an archive whose data somebody removed: a
          // whole one would have been found before anything was received.
          delete(manifest.device(), name);
          return name;
        }
      } else if (!exists(layout.archive(manifest.device(), name))
          && !exists(layout.receipt(manifest.device(), name))) {
        return name;
      }
    }
    throw new IOException("no name is free for archive " + manifest.digest());
  }

  private static boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static Sha256 digestOf(Path manifest) throws IOException {
    try (InputStream in = Files.newInputStream(manifest)) {
      return Sha256.of(in.readNBytes(Manifest.MAX_BYTES + 1));
    }
  }

  /** Reads and checks a manifest file. */
  static Manifest readManifest(Path file, ManifestVisitor visitor) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return ManifestReader.read(in, visitor);
    }
  }
}
