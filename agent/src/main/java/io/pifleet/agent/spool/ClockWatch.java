package io.pifleet.agent.spool;

import java.io.IOException;
import java.time.Instant;

/**
 * Follows the wall clock from unknown to known, and tells each part what it has to know of this
 * boot. Owned by the thread {@code records}.
 *
 * <p>Stamps taken before are wrong by as much as the wall clock was moved against the monotonic one
 * since. That is one step as a rule; a part of an earlier run of the same boot has the base in its
 * journal.
 */
final class ClockWatch {
  private final DeviceClock clock;
  private boolean known;
  private long baseNanos;

  ClockWatch(DeviceClock clock) {
    this.clock = clock;
    this.baseNanos = offsetNanos();
  }

  /** Whether the change from unknown to known has been dealt with. */
  boolean known() {
    return known;
  }

  /** Tells a part of this boot. */
  void enter(OpenPart part) throws IOException {
    String boot = clock.bootId();
    JournalEntry.ClockSeen seen = part.clockOf(boot);
    if (seen != null) {
      known = seen.known();
      baseNanos = seen.baseNanos();
      return;
    }
    known = clock.known();
    part.append(new JournalEntry.ClockSeen(boot, known, 0, baseNanos));
  }

  /** The next part of this run. */
  void enterNext(OpenPart part) throws IOException {
    part.append(new JournalEntry.ClockSeen(clock.bootId(), known, 0, baseNanos));
  }

  /** Whether the time has become known since the last time it was dealt with. */
  boolean hasBecomeKnown() {
    return !known && clock.known();
  }

  /** What has to be added to stamps taken before the time was known. */
  long correctionNanos() {
    return offsetNanos() - baseNanos;
  }

  /** Journals the correction. */
  void becameKnown(OpenPart part, long correctionNanos) throws IOException {
    part.append(new JournalEntry.ClockSeen(clock.bootId(), true, correctionNanos, baseNanos));
    known = true;
  }

  private long offsetNanos() {
    Instant now = clock.now();
    return Math.addExact(
            Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), (long) now.getNano())
        - clock.monotonicNanos();
  }
}
