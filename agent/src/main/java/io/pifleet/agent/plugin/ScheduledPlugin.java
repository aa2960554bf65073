package io.pifleet.agent.plugin;

import io.pifleet.agent.plugin.PluginEvents.Loss;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * A plugin under the scheduler: where it stands, and what came of its runs.
 *
 * <pre>
 * IDLE        due               QUEUED
 * QUEUED      a worker is free  RUNNING
 * RUNNING     ends              IDLE
 * RUNNING     timeout, removed  INTERRUPTED
 * INTERRUPTED ends              IDLE
 * INTERRUPTED grace is over     HANGING      its worker is written off
 * HANGING     ends after all    IDLE
 * IDLE        removed           QUEUED (to be closed), GONE
 * </pre>
 *
 * <p>Guarded by the scheduler's lock, apart from {@link #work}, which is called by the worker that
 * has the run.
 */
final class ScheduledPlugin {

  enum State {
    IDLE,
    QUEUED,
    RUNNING,
    INTERRUPTED,
    HANGING,
    GONE
  }

  /** A plugin that keeps losing workers is not run again before a reload. */
  static final int MAX_HANGS = 3;

  /** Hardware may appear late, for instance when its driver is loaded. */
  private static final long OFF_RETRY_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final PluginSpec spec;
  private final Cadence cadence;
  private final ScheduledPlugin predecessor;

  private State state = State.IDLE;
  private boolean removed;
  private String off;
  private boolean offForGood;

  private Plugin plugin; // touched by the worker that has the run, and by nobody else
  private PluginRun run;
  private Thread worker;
  private long startedNanos;
  private long deadlineNanos;

  private int hangs;
  private int failuresInARow;
  private long runs;
  private long failures;
  private long timeouts;
  private long lateRuns;
  private long records;
  private long refusedRecords;
  private long rejectedLines;
  private String problem = "";
  private String lastError = "";
  private long lastErrorNanos;
  private long lastRunNanos;
  private long lastDurationNanos;

  /**
   * @param predecessor of the same name, that has to be gone before this one runs; or null
   */
  ScheduledPlugin(PluginSpec spec, ScheduledPlugin predecessor, long nowNanos) {
    this.spec = spec;
    this.predecessor = predecessor;
    this.cadence = new Cadence(spec.name(), spec.interval().toNanos(), nowNanos);
    this.off = spec.enabled() ? "" : "enabled = false";
    this.offForGood = !spec.enabled();
  }

  PluginSpec spec() {
    return spec;
  }

  State state() {
    return state;
  }

  /** The thread that has the run; null when there is none. */
  Thread worker() {
    return worker;
  }

  /**
   * Looks whether a run is due.
   *
   * @return true when it is to be given to a worker
   */
  boolean queueIfDue(long nowNanos, long wallNanos, Notices notices) {
    if (removed || offForGood) {
      return false;
    }
    long due = cadence.advance(nowNanos);
    if (due == 0) {
      return false;
    }
    if (state == State.IDLE && (predecessor == null || predecessor.state == State.GONE)) {
      lateRuns += due - 1;
      state = State.QUEUED;
      return true;
    }
    lateRuns += due;
    if (hangs()) {
      notices.lost(spec, wallNanos, Loss.TIMEOUT);
    }
    return false;
  }

  /** Nanoseconds until {@link #queueIfDue} or {@link #deadlinePassed} has something to do. */
  long idleNanos(long nowNanos) {
    long idle = removed || offForGood ? Long.MAX_VALUE : cadence.untilDueNanos(nowNanos);
    if (state == State.RUNNING || state == State.INTERRUPTED) {
      idle = Math.min(idle, deadlineNanos - nowNanos);
    }
    return idle;
  }

  boolean deadlinePassed(long nowNanos) {
    return (state == State.RUNNING || state == State.INTERRUPTED) && deadlineNanos - nowNanos <= 0;
  }

  /** QUEUED to RUNNING. */
  PluginRun begin(PluginRun newRun, Thread thread, long nowNanos) {
    state = State.RUNNING;
    run = newRun;
    worker = thread;
    startedNanos = nowNanos;
    deadlineNanos = nowNanos + spec.timeout().toNanos();
    return newRun;
  }

  /** The run itself, or the closing of a plugin that was removed. */
  void work(PluginRun current, boolean closing) throws Exception {
    if (closing) {
      Plugin closed = plugin;
      plugin = null;
      if (closed != null) {
        closed.close();
      }
      return;
    }
    try {
      if (plugin == null) {
        plugin = spec.recipe().create();
      }
      plugin.gather(current);
    } finally {
      current.lines().flush();
    }
  }

  boolean isClosing() {
    return removed;
  }

  /** RUNNING to INTERRUPTED, because the timeout is over. */
  void timeOut(long graceNanos, Notices notices) {
    timeouts++;
    interrupt(startedNanos + spec.timeout().toNanos(), graceNanos);
    if (!removed) {
      notices.lost(spec, run.stampNanos(), Loss.TIMEOUT);
      failed("no end after " + seconds(spec.timeout().toNanos()) + " s", run.stampNanos(), notices);
    }
  }

  /** INTERRUPTED to HANGING. */
  void hang(Notices notices) {
    state = State.HANGING;
    run.abandon();
    hangs++;
    boolean last = hangs >= MAX_HANGS;
    notices.warn(
        "plugin "
            + spec.name()
            + " hangs and cannot be interrupted: off until the run ends"
            + (last ? ", and then until the next reload" : ""));
    if (last) {
      offForGood = true;
      off = "hung " + hangs + " times";
    }
  }

  /**
   * The run is over.
   *
   * @param error null when it went well
   * @return true when the plugin is to be given to a worker again, to be closed
   */
  boolean finish(Throwable error, long nowNanos, Notices notices) {
    boolean wasRunning = state == State.RUNNING;
    boolean wasHanging = state == State.HANGING;
    PluginRun ended = run;
    run = null;
    worker = null;
    state = State.IDLE;
    if (removed) {
      if (plugin != null) {
        state = State.QUEUED;
        return true;
      }
      state = State.GONE;
      return false;
    }
    records += ended.records();
    refusedRecords += ended.refusedRecords();
    rejectedLines += ended.rejectedLines();
    lastRunNanos = ended.stampNanos();
    lastDurationNanos = nowNanos - startedNanos;
    if (wasRunning && error instanceof PluginOffException) {
      if (!off.equals(error.getMessage())) {
        off = error.getMessage();
        notices.info("plugin " + spec.name() + " is off: " + off);
      }
      cadence.postpone(nowNanos, OFF_RETRY_NANOS);
      return false;
    }
    runs++;
    if (wasHanging) {
      notices.info(
          "plugin "
              + spec.name()
              + ": the run that hung ended after "
              + seconds(lastDurationNanos)
              + " s");
    } else if (wasRunning && error != null) {
      failures++;
      failed(describe(error), ended.stampNanos(), notices);
      notices.lost(spec, ended.stampNanos(), Loss.FAILURE);
    } else if (wasRunning) {
      succeeded(ended, notices);
    }
    return false;
  }

  /**
   * Takes the plugin out.
   *
   * @return true when it is to be given to a worker, to be closed
   */
  boolean remove(long nowNanos, long graceNanos) {
    removed = true;
    if (state == State.RUNNING) {
      interrupt(nowNanos, graceNanos);
    } else if (state == State.IDLE) {
      state = plugin == null ? State.GONE : State.QUEUED;
      return state == State.QUEUED;
    }
    return false;
  }

  PluginStatus status() {
    PluginStatus.State shown =
        hangs()
            ? PluginStatus.State.HANGING
            : state != State.IDLE
                ? PluginStatus.State.RUNNING
                : off.isEmpty() ? PluginStatus.State.WAITING : PluginStatus.State.OFF;
    return new PluginStatus(
        spec.name(),
        spec.type(),
        shown,
        off,
        spec.interval().toNanos(),
        spec.timeout().toNanos(),
        runs,
        failures,
        timeouts,
        lateRuns,
        records,
        refusedRecords,
        rejectedLines,
        lastError,
        lastErrorNanos,
        lastRunNanos,
        lastDurationNanos);
  }

  private boolean hangs() {
    return state == State.HANGING || (predecessor != null && predecessor.state == State.HANGING);
  }

  private void interrupt(long fromNanos, long graceNanos) {
    state = State.INTERRUPTED;
    deadlineNanos = fromNanos + graceNanos;
    worker.interrupt();
  }

  private void failed(String why, long wallNanos, Notices notices) {
    lastError = why;
    lastErrorNanos = wallNanos;
    if (failuresInARow++ == 0) {
      notices.warn("plugin " + spec.name() + " fails: " + why);
    }
  }

  private void succeeded(PluginRun ended, Notices notices) {
    off = "";
    if (failuresInARow > 0) {
      notices.info(
          "plugin " + spec.name() + " works again after " + failuresInARow + " runs that failed");
      failuresInARow = 0;
    }
    if (!ended.problem().isEmpty()) {
      lastError = Quotation.bounded(ended.problem());
      lastErrorNanos = ended.stampNanos();
    }
    if (!ended.problem().equals(problem)) {
      problem = ended.problem();
      if (!problem.isEmpty()) {
        notices.warn("plugin " + spec.name() + ": " + Quotation.bounded(problem));
      }
    }
  }

  private static String describe(Throwable error) {
    String message = error.getMessage();
    boolean saysItAll =
        message != null
            && (error.getClass() == IOException.class || error instanceof FileNotFoundException);
    return Quotation.bounded(saysItAll ? message : error.toString());
  }

  private static String seconds(long nanos) {
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    return millis % 1000 == 0 ? Long.toString(millis / 1000) : Double.toString(millis / 1e3);
  }
}
