package io.pifleet.agent.spool;

import java.time.Instant;

/**
 * The device's two clocks, and whether the wall clock can be believed: a Pi has no battery behind
 * it. Called by any thread.
 */
public interface DeviceClock {

  /** The wall clock as it stands, right or wrong. */
  Instant now();

  /** Never set, never running backwards; the same origin for every process of one boot. */
  long monotonicNanos();

  /** Whether something has set the wall clock. Becomes true once in a boot and stays true. */
  boolean known();

  /**
   * Identity of this boot, {@code /proc/sys/kernel/random/boot_id}: 1 to 36 characters of {@code
   * [0-9a-f-]}.
   */
  String bootId();
}
