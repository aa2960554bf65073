package io.pifleet.agent.upload;

import io.pifleet.agent.spool.DeviceClock;
import java.time.Duration;
import java.time.Instant;

/** Real time, and whatever a test adds to it. */
public final class SkewedClock implements DeviceClock {
  private volatile Duration skew = Duration.ZERO;

  void advance(Duration step) {
    skew = skew.plus(step);
  }

  @Override
  public Instant now() {
    return Instant.now().plus(skew);
  }

  @Override
  public long monotonicNanos() {
    return System.nanoTime() + skew.toNanos();
  }

  @Override
  public boolean known() {
    return true;
  }

  @Override
  public String bootId() {
    return "b00710ad";
  }
}
