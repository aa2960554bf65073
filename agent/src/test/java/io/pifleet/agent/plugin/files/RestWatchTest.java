package io.pifleet.agent.plugin.files;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RestWatchTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long NOW = 1_763_628_860L * SECOND;

  private final RestWatch watch = new RestWatch(10 * SECOND);

  /** Two scans, ten seconds apart, of a clock that runs evenly. */
  @BeforeEach
  void runEvenly() {
    watch.begin(NOW, 0);
    watch.begin(NOW + 10 * SECOND, 10 * SECOND);
  }

  private boolean isAtRest(long mtime) {
    return watch.isAtRest(mtime, 10 * SECOND);
  }

  @Test
  void isAtRestAfterTheSettleTime() {
    assertTrue(isAtRest(NOW));
    assertTrue(isAtRest(NOW - 1000 * SECOND));
    assertTrue(isAtRest(-5 * SECOND));
    assertFalse(isAtRest(NOW + 1));
    assertFalse(isAtRest(NOW + 10 * SECOND));
  }

  @Test
  void timeGoesOnDuringAScan() {
    assertTrue(watch.isAtRest(NOW + 5 * SECOND, 15 * SECOND));
  }

  @Test
  void trustsNoAgeBeforeTheClockHasRunEvenly() {
    RestWatch fresh = new RestWatch(10 * SECOND);
    fresh.begin(NOW, 0);
    assertFalse(fresh.isAtRest(NOW - 1000 * SECOND, 0));
    assertTrue(fresh.isAtRest(NOW - 1000 * SECOND, 10 * SECOND));
  }

  @Test
  void waitsAgainAfterTheClockWasSetForward() {
    long later = NOW + 50L * 365 * 86400 * SECOND;
    watch.begin(later, 20 * SECOND);
    assertFalse(
        watch.isAtRest(NOW + 19 * SECOND, 20 * SECOND), "may have been written a second ago");
    watch.begin(later + 10 * SECOND, 30 * SECOND);
    assertTrue(watch.isAtRest(NOW + 19 * SECOND, 30 * SECOND));
  }

  @Test
  void takesFilesOfTheFutureAfterTheClockWasSetBack() {
    long earlier = NOW - 86400 * SECOND;
    watch.begin(earlier, 20 * SECOND);
    assertFalse(watch.isAtRest(NOW, 20 * SECOND));
    watch.begin(earlier + 10 * SECOND, 30 * SECOND);
    assertTrue(watch.isAtRest(NOW, 30 * SECOND));
    assertFalse(
        watch.isAtRest(earlier + 15 * SECOND, 30 * SECOND),
        "a clock of a server that is a little ahead");
  }

  @Test
  void aSlewedClockIsEven() {
    watch.begin(NOW + 3610 * SECOND + 2 * SECOND, 3610 * SECOND);
    assertTrue(watch.isAtRest(NOW, 3610 * SECOND));
  }

  @Test
  void withoutASettleTimeAFileIsTakenAtOnce() {
    RestWatch hasty = new RestWatch(0);
    hasty.begin(NOW, 0);
    assertTrue(hasty.isAtRest(NOW, 0));
  }
}
