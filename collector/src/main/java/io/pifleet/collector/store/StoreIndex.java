package io.pifleet.collector.store;

import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * What a store needs of a catalog. The store is the truth: an index that is lost or behind is
 * brought up to date by {@link StoreRecovery}. Thread-safe; every method may throw when the index
 * cannot be read or written, and nothing stored depends on it.
 */
public interface StoreIndex {
  /** The name under which this device's archive is stored. */
  Optional<StoredName> find(String device, Sha256 digest) throws IOException;

  /** Adds what has been stored; again is fine. */
  void stored(StoredArchive archive) throws IOException;

  /** Drops an archive; fine when it is not there. */
  void removed(String device, StoredName name) throws IOException;

  /** Drops everything that is known of a device. */
  void forgotten(String device) throws IOException;

  /** All names of a device. */
  SortedSet<StoredName> names(String device) throws IOException;

  /** All devices that have archives here. */
  List<String> devicesWithArchives() throws IOException;

  /** When the archive received last was; empty when there is none. */
  Optional<Instant> newestReceived() throws IOException;

  /** The archives of a device, the one received first first. */
  List<StoredArchive> byAge(String device) throws IOException;
}
