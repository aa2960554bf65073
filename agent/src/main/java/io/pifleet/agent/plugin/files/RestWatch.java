package io.pifleet.agent.plugin.files;

/**
 * Tells whether a file has been at rest for a while, from its time of modification alone, so that
 * nothing has to be remembered for each file.
 *
 * <p>A device without a clock of its own corrects its time by years soon after it starts, so the
 * age of a file says little by itself. But when the wall clock has run evenly for the settle time,
 * whatever was written within that time bears a stamp within it. So a file is at rest when the
 * clock has been even for that long and the file's stamp lies outside, be it before or, after a
 * correction backwards, in the future.
 *
 * <p>Belongs to one plugin; not thread-safe.
 */
final class RestWatch {

  /**
   * The clock may be slewed, by 500 ppm at most (adjtimex(2)); this is twice that, on top of a
   * second.
   */
  private static final long STEP_NANOS = 1_000_000_000L;

  private static final long SLEW_PARTS = 1000;

  private final long settleNanos;
  private boolean started;
  private long evenSinceNanos;
  private long lastWallNanos;
  private long lastMonotonicNanos;

  RestWatch(long settleNanos) {
    this.settleNanos = settleNanos;
  }

  /** A scan begins at this time, told by both clocks. */
  void begin(long wallNanos, long monotonicNanos) {
    long elapsed = monotonicNanos - lastMonotonicNanos;
    long step = wallNanos - lastWallNanos - elapsed;
    if (!started || Math.abs(step) > STEP_NANOS + elapsed / SLEW_PARTS) {
      evenSinceNanos = monotonicNanos;
      started = true;
    }
    lastWallNanos = wallNanos;
    lastMonotonicNanos = monotonicNanos;
  }

  /**
   * Whether a file with this time of modification is at rest, at this time of the monotonic clock.
   */
  boolean isAtRest(long mtimeNanos, long monotonicNanos) {
    if (monotonicNanos - evenSinceNanos < settleNanos) {
      return false;
    }
    long wallNanos = lastWallNanos + (monotonicNanos - lastMonotonicNanos);
    long age = wallNanos - mtimeNanos;
    return age >= settleNanos || age < -settleNanos;
  }
}
