package io.pifleet.agent.upload;

import io.pifleet.protocol.ArchiveName;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When one collector may be tried again, and which archives it does not want. Monotonic time in
 * nanoseconds throughout. Owned by the upload thread; not thread-safe.
 */
final class TargetState {
  /** A refusal that is not retryable is asked for again once a day: the other side may be newer. */
  static final Duration REFUSED_FOR = Duration.ofDays(1);

  private static final int MOST_REMEMBERED = 1024;

  private final Backoff backoff;
  private final Map<ArchiveName, Long> refusedUntil = new HashMap<>();
  private long notBefore;
  private Optional<String> collectorId = Optional.empty();

  TargetState(RandomGenerator random, long nowNanos) {
    backoff = new Backoff(random);
    notBefore = nowNanos;
  }

  /** Nanoseconds until the next try; zero or less: now. */
  long waitNanos(long nowNanos) {
    return notBefore - nowNanos;
  }

  boolean wants(ArchiveName archive, long nowNanos) {
    Long until = refusedUntil.get(archive);
    if (until != null && until - nowNanos <= 0) {
      refusedUntil.remove(archive);
      return true;
    }
    return until == null;
  }

  void failed(long nowNanos) {
    notBefore = nowNanos + backoff.failed().toNanos();
  }

  void busy(Duration retryAfter, long nowNanos) {
    notBefore = nowNanos + backoff.busy(retryAfter).toNanos();
  }

  void refused(ArchiveName archive, long nowNanos) {
    if (refusedUntil.size() == MOST_REMEMBERED) {
      refusedUntil.clear(); // asking some of them early is better than growing
    }
    refusedUntil.put(archive, nowNanos + REFUSED_FOR.toNanos());
    notBefore = nowNanos;
  }

  /** The id that this collector's receipts carry, once one is in. */
  Optional<String> collectorId() {
    return collectorId;
  }

  void delivered(String collectorId) {
    this.collectorId = Optional.of(collectorId);
    backoff.succeeded();
  }

  /** Somebody wants to see it tried now, or the collector has just shown up. */
  void forgetWaits(long nowNanos) {
    backoff.succeeded();
    refusedUntil.clear();
    notBefore = nowNanos;
  }
}
