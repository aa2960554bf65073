package io.pifleet.agent.spool;

import java.time.Duration;
import java.time.Instant;

/** A clock that tests set. Thread-safe. */
final class ManualClock implements DeviceClock {
  private Instant now;
  private long monotonicNanos = 1_000_000_000_000L;
  private boolean known = true;
  private String boot = "00000000-0000-4000-8000-000000000001";

  ManualClock(String now) {
    this.now = Instant.parse(now);
  }

  synchronized ManualClock unknown() {
    known = false;
    return this;
  }

  synchronized ManualClock boot(String id) {
    boot = id;
    return this;
  }

  /** Time passes. */
  synchronized void advance(Duration by) {
    now = now.plus(by);
    monotonicNanos += by.toNanos();
  }

  /** Somebody sets the clock. */
  synchronized void set(String time) {
    now = Instant.parse(time);
    known = true;
  }

  @Override
  public synchronized Instant now() {
    return now;
  }

  @Override
  public synchronized long monotonicNanos() {
    return monotonicNanos;
  }

  @Override
  public synchronized boolean known() {
    return known;
  }

  @Override
  public synchronized String bootId() {
    return boot;
  }
}
