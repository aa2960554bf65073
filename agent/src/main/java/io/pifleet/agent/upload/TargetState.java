package io.pifleet.agent.upload;

import io.pifleet.protocol.ArchiveName;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What is remembered of one collector: when it may be tried again, and which archives have to wait
 * or stand back, so that no archive that it does not take keeps the others from it. Monotonic time
 * in nanoseconds throughout. Owned by the upload thread; not thread-safe.
 */
final class TargetState {
  /** A refusal that is not retryable is asked for again once a day: the other side may be newer. */
  static final Duration REFUSED_FOR = Duration.ofDays(1);

  /** For an archive that this device cannot serve now. */
  static final Duration UNSERVABLE_FOR = Duration.ofMinutes(5);

  /** No collector sends a device away for longer. */
  private static final Duration LONGEST_BUSY = Duration.ofDays(1);

  /**
   * An archive that did not get through.
   *
   * @param until not offered before
   * @param order of the failures: who failed longer ago is offered first
   */
  private record Setback(long until, long order) {}

  private final Backoff backoff;
  private final Map<ArchiveName, Setback> setbacks = new HashMap<>();
  private long failures;
  private long notBefore;
  private boolean mayNotHurry;
  private Optional<String> collectorId = Optional.empty();
  private List<InetSocketAddress> addresses = List.of();
  private ArchiveName brokenArchive;
  private long brokenAtBytes;
  private String problem = "";

  TargetState(RandomGenerator random, long nowNanos) {
    backoff = new Backoff(random);
    notBefore = nowNanos;
  }

  /** Nanoseconds until the next try; zero or less: now. */
  long waitNanos(long nowNanos) {
    return notBefore - nowNanos;
  }

  /**
   * Which archives to offer: oldest first, then those that failed here already.
   *
   * @param due all that this collector lacks, oldest first; others are forgotten
   */
  List<ArchiveName> inOrder(List<ArchiveName> due, long nowNanos) {
    if (setbacks.isEmpty()) {
      return due;
    }
    setbacks.keySet().retainAll(new HashSet<>(due));
    List<ArchiveName> ready = new ArrayList<>();
    for (ArchiveName name : due) {
      Setback setback = setbacks.get(name);
      if (setback == null || setback.until - nowNanos <= 0) {
        ready.add(name);
      }
    }
    ready.sort(Comparator.comparingLong(this::order));
    return ready;
  }

  private long order(ArchiveName name) {
    Setback setback = setbacks.get(name);
    return setback == null ? 0 : setback.order;
  }

  /** The archive waits for so long, and stands behind all others then. */
  void putBack(ArchiveName archive, Duration wait, long nowNanos) {
    setbacks.put(archive, new Setback(nowNanos + wait.toNanos(), ++failures));
  }

  /** The archive is offered again, behind all others. */
  void standBack(ArchiveName archive, long nowNanos) {
    Setback before = setbacks.get(archive);
    long until = before != null && before.until - nowNanos > 0 ? before.until : nowNanos;
    setbacks.put(archive, new Setback(until, ++failures));
  }

  /**
   * The connection broke while the archive was offered. It is the first one again, since most of it
   * may be there already; but when that happens twice without the collector holding more of it, the
   * archive itself may be the reason.
   *
   * @param heldBytes what the collector held before; -1 when it has not said so
   */
  void broken(ArchiveName archive, long heldBytes, long nowNanos) {
    if (archive.equals(brokenArchive)) {
      if (heldBytes > brokenAtBytes) {
        backoff.succeeded();
      } else {
        standBack(archive, nowNanos);
      }
    }
    brokenArchive = archive;
    brokenAtBytes = heldBytes;
  }

  void failed(long nowNanos) {
    waitUntil(nowNanos + backoff.failed().toNanos(), false);
  }

  /** The collector named a time. */
  void busy(Duration retryAfter, long nowNanos) {
    Duration wait = retryAfter.compareTo(LONGEST_BUSY) < 0 ? retryAfter : LONGEST_BUSY;
    waitUntil(nowNanos + backoff.busy(wait).toNanos(), true);
  }

  /** The collector does not want this device at all. */
  void refused(long nowNanos) {
    waitUntil(nowNanos + REFUSED_FOR.toNanos(), true);
  }

  private void waitUntil(long nanos, boolean wished) {
    notBefore = nanos;
    mayNotHurry = wished;
  }

  /** The id that this collector's receipts carry, once one is in. */
  Optional<String> collectorId() {
    return collectorId;
  }

  void delivered(String id) {
    collectorId = Optional.of(id);
    backoff.succeeded();
  }

  /** The collector has shown up: its absence is over, what it asked for still counts. */
  void found(long nowNanos) {
    if (!mayNotHurry && waitNanos(nowNanos) > 0) {
      notBefore = nowNanos;
    }
  }

  /** It is where it was, or it moved: then it was found. */
  void isAt(List<InetSocketAddress> now, long nowNanos) {
    if (!now.equals(addresses)) {
      addresses = now;
      found(nowNanos);
    }
  }

  /** Somebody wants to see everything tried now. */
  void forgetWaits(long nowNanos) {
    backoff.succeeded();
    setbacks.clear();
    notBefore = nowNanos;
  }

  /** Whether that is something else than last time, and worth a line in the log. */
  boolean isNews(String nowWrong) {
    boolean news = !nowWrong.equals(problem);
    problem = nowWrong;
    return news;
  }
}
