package io.pifleet.deploy;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The one way in which these tests wait: until something is so, and not for ever. */
final class Await {
  /** Much longer than anything takes on two busy cores. */
  static final Duration LONG = Duration.ofSeconds(60);

  private static final long POLL_MS = 40;

  private Await() {}

  /** Whether it is so. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws Exception;
  }

  /** A value, once there is one. */
  @FunctionalInterface
  interface Source<T> {
    Optional<T> get() throws Exception;
  }

  /**
   * @param what for the message of the failure: "the archive is delivered"
   */
  static void until(String what, Condition condition) throws Exception {
    until(LONG, what, condition);
  }

  static void until(Duration limit, String what, Condition condition) throws Exception {
    value(limit, what, () -> condition.holds() ? Optional.of(true) : Optional.empty());
  }

  static <T> T value(Duration limit, String what, Source<T> source) throws Exception {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      Optional<T> found = source.get();
      if (found.isPresent()) {
        return found.get();
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + limit.toSeconds() + " s: " + what);
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
    }
  }
}
