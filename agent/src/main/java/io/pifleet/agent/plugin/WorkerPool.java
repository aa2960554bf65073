package io.pifleet.agent.plugin;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads {@code plugins-N} that run plugins: started when there is work and nobody free, ended
 * when idle, down to one. A thread whose run does not end is written off and may be replaced; how
 * many there are at once, written off or not, is bounded.
 *
 * <p>Everything here is called with the scheduler's lock held, which the pool was given.
 */
final class WorkerPool {

  /**
   * Runs at one time: built-in plugins take a millisecond, so this is for slow commands and scans.
   */
  static final int MAX_WORKERS = 4;

  /** Threads at one time, with those that were written off. */
  static final int MAX_THREADS = 8;

  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
  private static final long KEEP_IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** What a worker does with a plugin; called without the lock, throws nothing. */
  interface Body {
    void execute(ScheduledPlugin plugin);
  }

  private final ReentrantLock lock;
  private final Condition work;
  private final Condition workerEnded;
  private final Body body;
  private final Deque<ScheduledPlugin> queue = new ArrayDeque<>();
  private final Worker[] workers = new Worker[MAX_THREADS];
  private int active;
  private int idle;
  private int writtenOff;
  private boolean stopping;

  WorkerPool(ReentrantLock lock, Body body) {
    this.lock = lock;
    this.work = lock.newCondition();
    this.workerEnded = lock.newCondition();
    this.body = body;
  }

  void submit(ScheduledPlugin plugin) {
    queue.add(plugin);
    startWorkerIfNeeded();
    work.signal();
  }

  /** The plugin's worker is lost until its run ends. */
  void writeOff(Thread worker) {
    for (Worker candidate : workers) {
      if (candidate != null && candidate.thread == worker && !candidate.lost) {
        candidate.lost = true;
        active--;
        writtenOff++;
      }
    }
    startWorkerIfNeeded();
  }

  /** Whether every thread that there may be hangs. */
  boolean isExhausted() {
    return writtenOff >= MAX_THREADS;
  }

  /** Workers end when the queue is empty; those that were written off are left behind. */
  void stop(long timeoutNanos) throws InterruptedException {
    stopping = true;
    work.signalAll();
    long left = timeoutNanos;
    while (active > 0 && left > 0) {
      left = workerEnded.awaitNanos(left);
    }
  }

  private void startWorkerIfNeeded() {
    if (queue.size() <= idle || active >= MAX_WORKERS || active + writtenOff >= MAX_THREADS) {
      return;
    }
    int slot = 0;
    while (workers[slot] != null) {
      slot++;
    }
    Worker worker = new Worker(slot);
    try {
      worker.thread.start();
    } catch (OutOfMemoryError e) {
      // No memory for another thread, or the limit of threads is reached: those that there are go
      // on.
      LOG.error("thread {} cannot be started", worker.thread.getName(), e);
      return;
    }
    workers[slot] = worker;
    active++;
  }

  private final class Worker implements Runnable {
    private final int slot;
    private final Thread thread;
    private boolean lost;

    Worker(int slot) {
      this.slot = slot;
      this.thread = new Thread(this, "plugins-" + (slot + 1));
      thread.setDaemon(true); // one that hangs must not keep the process alive
    }

    @Override
    public void run() {
      lock.lock();
      try {
        ScheduledPlugin next = next();
        while (next != null) {
          lock.unlock();
          try {
            body.execute(next);
          } finally {
            lock.lock();
          }
          next = lost ? null : next();
        }
      } finally {
        end();
        lock.unlock();
      }
    }

    private ScheduledPlugin next() {
      while (queue.isEmpty()) {
        if (stopping) {
          return null;
        }
        idle++;
        boolean timedOut = false;
        try {
          timedOut = work.awaitNanos(KEEP_IDLE_NANOS) <= 0;
        } catch (InterruptedException e) {
          // Meant for a run that has just ended: there is nothing to interrupt any more.
        } finally {
          idle--;
        }
        if (timedOut && queue.isEmpty() && active > 1) {
          return null;
        }
      }
      return queue.poll();
    }

    private void end() {
      workers[slot] = null;
      if (lost) {
        writtenOff--;
      } else {
        active--;
      }
      startWorkerIfNeeded(); // what waits while all threads hang
      workerEnded.signalAll();
    }
  }
}
