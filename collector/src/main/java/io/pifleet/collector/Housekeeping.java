package io.pifleet.collector;

import io.pifleet.collector.store.ArchiveStore;
import io.pifleet.collector.store.Retention;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be done now and then, on the thread {@code housekeeping}: retention, and giving up
 * what is incoming for too long. The first time at the start.
 */
final class Housekeeping implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
  private static final long INTERVAL_MS = TimeUnit.MINUTES.toMillis(10);
  private static final long STOP_MS = 1_000;

  private final ArchiveStore store;
  private final Supplier<Retention> retention;
  private final Thread thread = new Thread(this::keep, "housekeeping");
  private final Object lock = new Object();
  private boolean due = true; // guarded by lock
  private boolean closed; // guarded by lock
  private volatile String heldBack;

  /**
   * @param retention by the configuration that is in force when it is called
   */
  Housekeeping(ArchiveStore store, Supplier<Retention> retention) {
    this.store = store;
    this.retention = retention;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Does it now. */
  void wake() {
    synchronized (lock) {
      due = true;
      lock.notifyAll();
    }
  }

  Optional<String> problem() {
    return thread.isAlive() ? Optional.empty() : Optional.of("its thread has ended");
  }

  /** Why retention does not do all that it is told to; empty when it does. */
  Optional<String> heldBack() {
    return Optional.ofNullable(heldBack);
  }

  private void remember(Optional<String> reason) {
    if (reason.isPresent() && heldBack == null) {
      LOG.warn("{}", reason.get());
    } else if (reason.isEmpty() && heldBack != null) {
      LOG.info("retention deletes by age again");
    }
    heldBack = reason.orElse(null);
  }

  private void keep() {
    try {
      while (awaitTurn()) {
        try {
          Retention current = retention.get();
          remember(current.clockProblem());
          int deleted = current.run();
          if (deleted > 0) {
            LOG.info("retention deleted {} archives", deleted);
          }
          store.dropOldIncoming();
        } catch (IOException | RuntimeException e) {
          LOG.error("housekeeping failed; it is tried again", e);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("housekeeping was interrupted", e);
    }
  }

  /** False: it is closed. */
  private boolean awaitTurn() throws InterruptedException {
    synchronized (lock) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(INTERVAL_MS);
      while (!due && !closed) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          break;
        }
        lock.wait(left);
      }
      due = false;
      return !closed;
    }
  }

  /** Ends after the archive that is deleted now. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    try {
      thread.join(STOP_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
