package io.pifleet.collector.store;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Deletes archives on purpose: those that are too old, and the oldest ones of a device that has too
 * much. The newest archive of a device always stays. Not thread-safe; run by one thread.
 */
public final class Retention {
  /** Past this without any archive, a wrong clock is likelier than a fleet that is silent. */
  static final Duration PLAUSIBLE_SILENCE = Duration.ofDays(30);

  private final ArchiveStore store;
  private final StoreIndex index;
  private final Optional<Duration> maxAge;
  private final OptionalLong maxBytesPerDevice;
  private final Clock clock;

  /**
   * @param maxAge since an archive was received; empty: kept for ever
   * @param maxBytesPerDevice empty: no limit
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
   * Why nothing is deleted by age now; empty when it is, or when that is not configured. A clock
   * that is wrong by years would make every archive old at once, and nothing brings them back.
   */
  public Optional<String> clockProblem() throws IOException {
    Optional<Instant> newest = maxAge.isEmpty() ? Optional.empty() : index.newestReceived();
    Instant now = clock.instant();
    return newest
        .filter(received -> received.plus(PLAUSIBLE_SILENCE).isBefore(now))
        .map(
            received ->
                "retention.max-age deletes nothing: by this clock it is "
                    + now.truncatedTo(ChronoUnit.SECONDS)
                    + ", and the newest archive was received "
                    + received
                    + ", more than "
                    + PLAUSIBLE_SILENCE.toDays()
                    + " days before; check the clock");
  }

  /**
   * @return how many archives were deleted
   */
  public int run() throws IOException {
    if (maxAge.isEmpty() && maxBytesPerDevice.isEmpty()) {
      return 0;
    }
    Optional<Instant> oldest =
        clockProblem().isPresent()
            ? Optional.empty()
            : maxAge.map(age -> clock.instant().minus(age));
    int deleted = 0;
    for (String device : index.devicesWithArchives()) {
      deleted += run(device, oldest);
    }
    return deleted;
  }

  private int run(String device, Optional<Instant> oldest) throws IOException {
    List<StoredArchive> archives = index.byAge(device);
    long bytes = archives.stream().mapToLong(StoredArchive::bytes).sum();
    int deleted = 0;
    for (StoredArchive archive : archives.subList(0, Math.max(0, archives.size() - 1))) {
      boolean tooOld = oldest.isPresent() && archive.received().isBefore(oldest.get());
      boolean tooMuch = maxBytesPerDevice.isPresent() && bytes > maxBytesPerDevice.getAsLong();
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
