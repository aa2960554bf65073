package io.pifleet.protocol.transfer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Time limits for connections, whose calls block and know none: one thread, {@code deadlines},
 * stops a connection whose limit has passed. Thread-safe.
 *
 * <p>While nothing is watched, the thread sleeps. Otherwise it looks every {@value #TICK_MS} ms,
 * which is how late a limit may be.
 */
public final class Deadlines implements AutoCloseable {
  private static final long TICK_MS = 200;

  private final List<Deadline> watched = new ArrayList<>(); // guarded by itself
  private final List<Deadline> round = new ArrayList<>(); // the thread's own
  private final Thread thread;
  private boolean closed; // guarded by watched

  public Deadlines() {
    thread = new Thread(this::run, "deadlines");
    thread.setDaemon(true);
    thread.start();
  }

  /** Looks after this deadline until it is closed. */
  void watch(Deadline deadline) {
    synchronized (watched) {
      watched.add(deadline);
      if (watched.size() == 1) {
        watched.notifyAll();
      }
    }
  }

  void forget(Deadline deadline) {
    synchronized (watched) {
      watched.remove(deadline);
    }
  }

  /** Ends the thread. What is still watched has no limits from now on. */
  @Override
  public void close() {
    synchronized (watched) {
      closed = true;
      watched.notifyAll();
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it ends by itself
    }
  }

  private void run() {
    try {
      while (nextRound()) {
        long now = System.nanoTime();
        for (Deadline deadline : round) {
          deadline.look(now);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does that; then there are no limits any more
    }
  }

  /** Waits for the next tick; false once closed. */
  private boolean nextRound() throws InterruptedException {
    synchronized (watched) {
      round.clear();
      if (!closed && !watched.isEmpty()) {
        watched.wait(TICK_MS);
      }
      while (!closed && watched.isEmpty()) {
        watched.wait();
      }
      round.addAll(watched);
      return !closed;
    }
  }
}
