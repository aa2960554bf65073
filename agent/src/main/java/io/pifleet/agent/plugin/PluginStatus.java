package io.pifleet.agent.plugin;

/**
 * What is known of a plugin, at one moment. Counters count since the plugin was started, or changed
 * by a reload.
 *
 * @param state what it does now
 * @param detail why it is {@link State#OFF}, else empty
 * @param runs runs that ended, well or not
 * @param failures runs that ended with an error
 * @param timeouts runs that passed the timeout
 * @param lateRuns runs that were left out, because the one before had not ended
 * @param records records that the spool took
 * @param refusedRecords records that the spool had no room for
 * @param rejectedLines lines that were not line protocol
 * @param lastError why a run failed, or what it complained about, at last; empty when that never
 *     happened
 * @param lastErrorNanos when, nanoseconds since 1970-01-01T00:00:00Z; 0 when it never happened
 * @param lastRunNanos start of the last run that ended, nanoseconds since 1970-01-01T00:00:00Z; 0
 *     when there was none
 * @param lastDurationNanos how long that run took
 */
public record PluginStatus(
    String name,
    String type,
    State state,
    String detail,
    long intervalNanos,
    long timeoutNanos,
    long runs,
    long failures,
    long timeouts,
    long lateRuns,
    long records,
    long refusedRecords,
    long rejectedLines,
    String lastError,
    long lastErrorNanos,
    long lastRunNanos,
    long lastDurationNanos) {

  /** What a plugin does. */
  public enum State {
    /** Waits for its next run. */
    WAITING,
    /** Runs, or waits for a worker thread. */
    RUNNING,
    /** A run passed its timeout and does not end; no other one is started. */
    HANGING,
    /** Does not run; the detail says why. */
    OFF
  }
}
