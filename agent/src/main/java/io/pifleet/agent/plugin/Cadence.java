package io.pifleet.agent.plugin;

/**
 * When the runs of one plugin are due, on the monotonic clock. The first one is due after a delay
 * that is a hash of the plugin's name, so that not all plugins of a device wake it at the same
 * moment; the others follow at the interval, without drift.
 *
 * <p>Not thread-safe.
 */
final class Cadence {

  /** A plugin that runs once a week still shows itself soon after the start. */
  private static final long MAX_FIRST_DELAY_NANOS = 60_000_000_000L;

  private final long intervalNanos;
  private long dueNanos;

  Cadence(String name, long intervalNanos, long startNanos) {
    this.intervalNanos = intervalNanos;
    this.dueNanos = startNanos + firstDelayNanos(name, intervalNanos);
  }

  static long firstDelayNanos(String name, long intervalNanos) {
    // Names are short and alike: the multiplication by the golden ratio spreads their hashes over
    // all bits.
    long spread = (name.hashCode() * 0x9e3779b97f4a7c15L) >>> 1;
    return spread % Math.min(intervalNanos, MAX_FIRST_DELAY_NANOS);
  }

  /** Nanoseconds until the next run is due, negative when it should have begun. */
  long untilDueNanos(long nowNanos) {
    return dueNanos - nowNanos;
  }

  /**
   * Moves on to the first due time after now.
   *
   * @return how many due times were passed, at least 1 when the run was due; more when the machine
   *     was suspended
   */
  long advance(long nowNanos) {
    long overdue = nowNanos - dueNanos;
    if (overdue < 0) {
      return 0;
    }
    long passed = overdue / intervalNanos + 1;
    dueNanos += passed * intervalNanos;
    return passed;
  }

  /** The next run is due after this delay, the ones after it at the interval again. */
  void postpone(long nowNanos, long delayNanos) {
    dueNanos = nowNanos + delayNanos;
  }
}
