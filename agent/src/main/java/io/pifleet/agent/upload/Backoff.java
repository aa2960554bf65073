package io.pifleet.agent.upload;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When to try again: each wait twice the one before, up to a cap, and every wait spread between
 * half of itself and itself, so that a fleet whose collector was away does not come back in one
 * beat. Owned by the upload thread; not thread-safe.
 */
final class Backoff {
  static final Duration FIRST = Duration.ofSeconds(2);
  static final Duration CAP = Duration.ofMinutes(15);

  private final RandomGenerator random;
  private Duration next = FIRST;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  /** The wait after one more failure. */
  Duration failed() {
    Duration wait = spread(next);
    next = min(next.multipliedBy(2), CAP);
    return wait;
  }

  /** The wait after the collector named one: at least that, and up to a quarter more. */
  Duration busy(Duration retryAfter) {
    long millis = Math.max(retryAfter.toMillis(), 1000);
    return Duration.ofMillis(millis + random.nextLong(millis / 4 + 1));
  }

  void succeeded() {
    next = FIRST;
  }

  private Duration spread(Duration wait) {
    long millis = wait.toMillis();
    return Duration.ofMillis(millis / 2 + random.nextLong(millis / 2 + 1));
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
