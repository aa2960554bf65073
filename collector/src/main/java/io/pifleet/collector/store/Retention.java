package io.pifleet.collector.store;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Deletes archives on purpose: those that are too old, and the oldest ones of a device that has too
 * much. Not thread-safe; run by one thread.
 */
public final class Retention {
  private final ArchiveStore store;
  private final StoreIndex index;
  private final Optional<Duration> maxAge;
  private final OptionalLong maxBytesPerDevice;
  private final Clock clock;

  /**
   * @param maxAge since an archive was received; empty: kept for ever
   * @param maxBytesPerDevice empty: no limit. A device's newest archive stays even when it is
   *     larger
   */
  public Retention(
      ArchiveStore store,
      StoreIndex index,
      Optional<Duration> maxAge,
      OptionalLong maxBytesPerDevice,
      Clock clock) {
    this.store = store;
    this.index = index;
    this.maxAge = maxAge;
    this.maxBytesPerDevice = maxBytesPerDevice;
    this.clock = clock;
  }

  /**
   * @return how many archives were deleted
   */
  public int run() throws IOException {
    if (maxAge.isEmpty() && maxBytesPerDevice.isEmpty()) {
      return 0;
    }
    int deleted = 0;
    for (String device : index.devicesWithArchives()) {
      deleted += run(device);
    }
    return deleted;
  }

  private int run(String device) throws IOException {
    List<StoredArchive> archives = index.byAge(device);
    Optional<Instant> oldest = maxAge.map(age -> clock.instant().minus(age));
    long bytes = archives.stream().mapToLong(StoredArchive::bytes).sum();
    int deleted = 0;
    for (StoredArchive archive : archives) {
      boolean tooOld = oldest.isPresent() && archive.received().isBefore(oldest.get());
      boolean last = deleted == archives.size() - 1;
      boolean tooMuch =
          !last && maxBytesPerDevice.isPresent() && bytes > maxBytesPerDevice.getAsLong();
      if (!tooOld && !tooMuch) {
        break; // the ones behind it are younger
      }
      store.delete(device, archive.name(), "retention");
      bytes -= archive.bytes();
      deleted++;
    }
    return deleted;
  }
}
