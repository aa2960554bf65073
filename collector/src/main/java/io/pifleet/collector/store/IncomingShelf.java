package io.pifleet.collector.store;

import io.pifleet.collector.store.StoreEvent.Kind;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/**
 * The partial archives of a store: makes them, knows which are open, and gives up old ones.
 * Thread-safe.
 */
final class IncomingShelf {
  /**
   * A device delivers one archive at a time, and issues one again when it lost a part of it. More
   * than a few that are begun and not finished come from something that is broken.
   */
  private static final int MAX_PER_DEVICE = 8;

  private final StoreLayout layout;
  private final DurableFiles files;
  private final StoreRecovery recovery;
  private final StoreEvent.Listener events;
  private final Duration maxAge;
  private final Clock clock;
  private final Set<Path> open = new HashSet<>(); // guarded by this

  IncomingShelf(
      StoreLayout layout,
      DurableFiles files,
      StoreRecovery recovery,
      StoreEvent.Listener events,
      StoreSettings settings,
      Clock clock) {
    this.layout = layout;
    this.files = files;
    this.recovery = recovery;
    this.events = events;
    this.maxAge = settings.incomingMaxAge();
    this.clock = clock;
  }

  IncomingArchive open(ArchiveStore store, Manifest manifest, byte[] manifestBytes)
      throws IOException {
    String device = manifest.device();
    Path directory = layout.incoming(device, manifest.digest());
    synchronized (this) {
      if (!open.add(directory)) {
        throw new IOException("another connection receives archive " + manifest.digest());
      }
    }
    IncomingArchive archive = null;
    try {
      files.createDirectory(layout.incoming(device));
      if (!Files.exists(directory)) {
        makeRoom(device);
        files.createDirectory(directory);
      }
      Path file = directory.resolve(IncomingArchive.MANIFEST);
      if (!holds(file, manifest)) {
        files.write(file, manifestBytes);
      }
      archive = IncomingArchive.open(store, manifest, directory);
      return archive;
    } finally {
      if (archive == null) {
        release(directory);
      }
    }
  }

  private static boolean holds(Path file, Manifest manifest) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Sha256.of(in.readNBytes(Manifest.MAX_BYTES + 1)).equals(manifest.digest());
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private void makeRoom(String device) throws IOException {
    Oldest oldest = new Oldest();
    recovery.eachIncoming(device, (owner, digest, directory) -> oldest.see(directory));
    if (oldest.seen >= MAX_PER_DEVICE && oldest.directory != null) {
      drop(device, oldest.directory, "the device has begun " + oldest.seen + " others");
    }
  }

  /** Among the ones that are not open. */
  private final class Oldest {
    private int seen;
    private Path directory;
    private Instant touched;

    void see(Path candidate) {
      seen++;
      Instant at = touched(candidate);
      if (!isOpen(candidate) && (directory == null || at.isBefore(touched))) {
        directory = candidate;
        touched = at;
      }
    }
  }

  void dropOld() throws IOException {
    Instant limit = clock.instant().minus(maxAge);
    recovery.eachIncoming(
        (device, digest, directory) -> {
          if (!isOpen(directory) && touched(directory).isBefore(limit)) {
            drop(device, directory, "nothing has come for " + maxAge.toDays() + " days");
          }
        });
  }

  /**
   * @throws IOException when the device delivers right now
   */
  void forget(String device) throws IOException {
    recovery.eachIncoming(
        device,
        (owner, digest, directory) -> {
          if (isOpen(directory)) {
            throw new IOException("device " + device + " delivers right now; try again later");
          }
          files.deleteDirectory(directory, IncomingArchive.MANIFEST);
        });
    Files.deleteIfExists(layout.incoming(device));
  }

  /** Of an archive that is stored now. */
  void drop(IncomingArchive archive) throws IOException {
    files.deleteDirectory(archive.directory(), IncomingArchive.MANIFEST);
  }

  private void drop(String device, Path directory, String why) throws IOException {
    files.deleteDirectory(directory, IncomingArchive.MANIFEST);
    events.happened(
        new StoreEvent(
            Kind.DROPPED,
            device,
            "incoming archive " + directory.getFileName().toString().substring(0, 8) + ": " + why));
  }

  /** When something last arrived. */
  private static Instant touched(Path directory) {
    Instant latest = Instant.MIN;
    for (String name : new String[] {IncomingArchive.DATA, IncomingArchive.MANIFEST}) {
      try {
        Instant modified = Files.getLastModifiedTime(directory.resolve(name)).toInstant();
        latest = modified.isAfter(latest) ? modified : latest;
      } catch (IOException e) {
        // not there: the other one decides
      }
    }
    return latest;
  }

  private synchronized boolean isOpen(Path directory) {
    return open.contains(directory);
  }

  void released(IncomingArchive archive) {
    release(archive.directory());
  }

  private synchronized void release(Path directory) {
    open.remove(directory);
  }
}
