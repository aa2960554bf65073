package io.pifleet.daemon.lifecycle;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stop actions, run once, last added first, within a limit for all of them. Each runs on a thread
 * of its own ({@code stop-NAME}), so that one that hangs is left behind and the others still get
 * their turn. Thread-safe.
 */
final class StopSequence {
  private static final Logger LOG = LoggerFactory.getLogger(StopSequence.class);

  /**
   * An eighth of the limit is kept for each action that is still to come, while that is possible.
   */
  private static final int SHARES = 8;

  private record Stop(String name, DaemonLifecycle.Action action) {}

  private final long limitNanos;
  private final Deque<Stop> stops = new ArrayDeque<>();
  private final AtomicBoolean started = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);

  StopSequence(Duration limit) {
    limitNanos = limit.toNanos();
  }

  synchronized void add(String name, DaemonLifecycle.Action action) {
    stops.push(new Stop(name, action));
  }

  /** Runs the actions; a second caller waits for the first one. */
  void run() {
    if (!started.compareAndSet(false, true)) {
      awaitEnd();
      return;
    }
    boolean interrupted = false;
    long deadline = System.nanoTime() + limitNanos;
    for (Stop stop = next(); stop != null; stop = next()) {
      try {
        run(stop, share(deadline - System.nanoTime()));
      } catch (InterruptedException e) {
        interrupted = true; // the others still have to stop
      }
    }
    ended.countDown();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitEnd() {
    try {
      if (!ended.await(limitNanos, TimeUnit.NANOSECONDS)) {
        LOG.warn("the stop takes longer than {} ms", millis(limitNanos));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Stop next() {
    return stops.poll();
  }

  /** What this action may take and leave the later ones their share; at least its own share. */
  private synchronized long share(long leftNanos) {
    int later = stops.size();
    long share = Math.min(limitNanos / SHARES, leftNanos / (later + 1));
    return leftNanos - later * share;
  }

  private static void run(Stop stop, long allowedNanos) throws InterruptedException {
    Thread thread =
        new Thread(
            () -> {
              try {
                stop.action().run();
              } catch (Exception e) {
                LOG.error("{} did not stop cleanly", stop.name(), e);
              }
            },
            "stop-" + stop.name());
    thread.setDaemon(true);
    thread.start();
    thread.join(Math.max(1, millis(allowedNanos))); // 0 would wait for ever
    if (thread.isAlive()) {
      Exception where = new Exception("it is here");
      where.setStackTrace(thread.getStackTrace());
      LOG.warn(
          "{} did not stop within {} ms and is left", stop.name(), millis(allowedNanos), where);
    }
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
