package io.pifleet.collector.store;

import io.pifleet.collector.store.StoreEvent.Kind;
import io.pifleet.protocol.DeviceId;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.PartialArchive;
import io.pifleet.protocol.transfer.ReceivingStore;
import io.pifleet.protocol.transfer.RefusedException;
import io.pifleet.protocol.wire.ProtocolError;
import io.pifleet.protocol.wire.Receipt;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A store of archives in a directory that it owns while it is open. Thread-safe: archives arrive in
 * parallel; what changes the directory of a device is done under that device's lock.
 */
public final class ArchiveStore implements ReceivingStore, Closeable {
  private static final int LOCKS = 64; // devices share them by hash: more than transfers at once

  private final StoreLayout layout;
  private final StoreIndex index;
  private final StoreEvent.Listener events;
  private final DurableFiles files;
  private final FreeSpace freeSpace;
  private final StoreLock lock;
  private final ArchiveCommit commit;
  private final StoreRecovery recovery;
  private final IncomingShelf incoming;
  private final String run = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  private final ReentrantLock[] deviceLocks = new ReentrantLock[LOCKS];
  // The manifest and the end made from it are in memory while this is held.
  private final ReentrantLock endLock = new ReentrantLock();
  private final Set<String> behind = ConcurrentHashMap.newKeySet();

  private ArchiveStore(
      StoreLayout layout,
      StoreSettings settings,
      StoreIndex index,
      StoreEvent.Listener events,
      DurableFiles files,
      FreeSpace freeSpace,
      Clock clock,
      StoreLock lock) {
    this.layout = layout;
    this.index = index;
    this.events = events;
    this.files = files;
    this.freeSpace = freeSpace;
    this.lock = lock;
    this.commit = new ArchiveCommit(layout, files, settings.collectorId(), clock);
    this.recovery = new StoreRecovery(layout, files, commit, index, events);
    this.incoming = new IncomingShelf(layout, files, recovery, events, settings, clock);
    Arrays.setAll(deviceLocks, i -> new ReentrantLock());
  }

  /**
   * Opens a store, makes the directory when it is missing, and recovers what the last run left.
   * Blocks while archives without a receipt are read again.
   *
   * @throws StoreInUseException when another collector has it open
   */
  public static ArchiveStore open(
      StoreLayout layout,
      StoreSettings settings,
      StoreIndex index,
      StoreEvent.Listener events,
      Clock clock)
      throws IOException {
    return open(
        layout,
        settings,
        index,
        events,
        DurableFiles.UNOBSERVED,
        new FreeSpace(FreeSpace.of(layout.store()), settings.minFreeBytes()),
        clock);
  }

  static ArchiveStore open(
      StoreLayout layout,
      StoreSettings settings,
      StoreIndex index,
      StoreEvent.Listener events,
      DurableFiles files,
      FreeSpace freeSpace,
      Clock clock)
      throws IOException {
    Files.createDirectories(layout.store());
    StoreLock lock = StoreLock.take(layout.lock());
    ArchiveStore store =
        new ArchiveStore(layout, settings, index, events, files, freeSpace, clock, lock);
    boolean recovered = false;
    try {
      files.createDirectory(layout.incoming());
      store.recovery.recover();
      recovered = true;
      return store;
    } finally {
      if (!recovered) {
        lock.close();
      }
    }
  }

  @Override
  public Optional<byte[]> receipt(String device, Sha256 digest) throws IOException {
    if (!DeviceId.isValid(device)) {
      return Optional.empty();
    }
    if (behind.contains(device)) {
      bringUpToDate(device);
    }
    Optional<StoredName> name = index.find(device, digest);
    return name.isEmpty() ? Optional.empty() : receipt(device, name.get(), digest);
  }

  /**
   * The receipt of a whole archive; empty when one of its files is missing or of another digest.
   */
  private Optional<byte[]> receipt(String device, StoredName name, Sha256 digest)
      throws IOException {
    if (!Files.isRegularFile(layout.archive(device, name))
        || !Files.isRegularFile(layout.manifest(device, name))
        || !Files.isRegularFile(layout.receipt(device, name))) {
      return Optional.empty();
    }
    byte[] bytes = Receipts.bytes(layout.receipt(device, name));
    Receipt receipt = Receipt.parse(bytes);
    boolean same = receipt.device().equals(device) && receipt.digest().equals(digest);
    return same ? Optional.of(bytes) : Optional.empty();
  }

  @Override
  public PartialArchive open(Manifest manifest, byte[] manifestBytes) throws IOException {
    String device = manifest.device();
    if (!DeviceId.isValid(device)) {
      throw new RefusedException(ProtocolError.DEVICE, "not a device id");
    }
    return incoming.open(this, manifest, manifestBytes);
  }

  /** Makes a stored archive of one that has arrived whole; the bytes of its receipt. */
  byte[] commit(IncomingArchive archive) throws IOException {
    Manifest manifest = archive.manifest();
    String device = manifest.device();
    endLock.lock();
    try {
      commit.appendEnd(archive);
    } finally {
      endLock.unlock();
    }
    archive.sync(commit);
    ReentrantLock deviceLock = lockOf(device);
    deviceLock.lock();
    try {
      for (StoredName name : StoredName.candidates(manifest.name(), manifest.digest())) {
        Optional<byte[]> receipt = receipt(device, name, manifest.digest());
        if (receipt.isPresent()) { // stored, and the index did not know
          bringUpToDate(device);
          dropStored(archive);
          return receipt.get();
        }
      }
      behind.add(device); // until it is known how far this one came
      ArchiveCommit.Stored stored = commit.publish(archive);
      behind.remove(device);
      record(stored.archive());
      dropStored(archive);
      return stored.receipt().encode();
    } finally {
      deviceLock.unlock();
    }
  }

  private void dropStored(IncomingArchive archive) {
    try {
      incoming.drop(archive);
    } catch (IOException e) {
      behind.add(archive.manifest().device()); // it is stored all the same
    }
  }

  private void record(StoredArchive archive) {
    try {
      index.stored(archive);
    } catch (IOException e) {
      // The archive is stored all the same; the index is made to agree when it is needed next.
      behind.add(archive.device());
    }
    if (archive.name().isConflict()) {
      events.happened(
          new StoreEvent(
              Kind.CONFLICT,
              archive.device(),
              "archive "
                  + archive.name().archive()
                  + " was there with another digest; this one is kept as "
                  + archive.name()));
    }
  }

  private void bringUpToDate(String device) throws IOException {
    ReentrantLock deviceLock = lockOf(device);
    deviceLock.lock();
    try {
      recovery.recover(device);
      recovery.dropStoredIncoming(device);
      behind.remove(device);
    } finally {
      deviceLock.unlock();
    }
  }

  /** Devices whose index entries could not be written; tried again when they connect. */
  public int devicesBehind() {
    return behind.size();
  }

  /**
   * Deletes an archive.
   *
   * @param why for people; recorded
   */
  public void delete(String device, StoredName name, String why) throws IOException {
    ReentrantLock deviceLock = lockOf(device);
    deviceLock.lock();
    try {
      commit.delete(device, name);
      index.removed(device, name);
    } finally {
      deviceLock.unlock();
    }
    events.happened(new StoreEvent(Kind.DELETED, device, "archive " + name + ": " + why));
  }

  /**
   * Deletes all that a device has here, and what is known of it.
   *
   * @return how many archives there were
   * @throws IOException when it delivers right now, or on a failure in the middle, after which it
   *     may be called again
   */
  public int forget(String device) throws IOException {
    ReentrantLock deviceLock = lockOf(device);
    int archives = 0;
    deviceLock.lock();
    try {
      incoming.forget(device);
      for (StoredName name : DeviceShelf.list(layout.device(device)).keySet()) {
        commit.delete(device, name);
        archives++;
      }
      try {
        files.delete(layout.device(device));
      } catch (DirectoryNotEmptyException e) {
        // somebody keeps other things there
      }
      index.forgotten(device);
    } finally {
      deviceLock.unlock();
    }
    events.happened(
        new StoreEvent(Kind.DELETED, device, "forgotten, with " + archives + " archives"));
    return archives;
  }

  /** Gives up what has been incoming for too long. */
  public void dropOldIncoming() throws IOException {
    incoming.dropOld();
  }

  private ReentrantLock lockOf(String device) {
    return deviceLocks[Math.floorMod(device.hashCode(), LOCKS)];
  }

  /** Tells this run of the collector from all others. */
  String run() {
    return run;
  }

  DurableFiles files() {
    return files;
  }

  FreeSpace freeSpace() {
    return freeSpace;
  }

  void released(IncomingArchive archive) {
    incoming.released(archive);
  }

  /** Gives the directory back. Transfers must have ended. */
  @Override
  public void close() throws IOException {
    lock.close();
  }
}
