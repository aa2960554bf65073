package io.pifleet.agent.spool;

import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * Records on their way to the disk: two buffers, one that fills while the other one is written. The
 * only memory that records ever wait in. Any thread puts; the thread {@code records} takes.
 */
final class RecordQueue {
  private final ByteBuffer[] buffers = {
    ByteBuffer.allocateDirect(FrameEncoder.MAX_CONTENT),
    ByteBuffer.allocateDirect(FrameEncoder.MAX_CONTENT)
  };
  private final int[] counts = new int[2];
  private int filling;
  private boolean otherIsTaken;

  /**
   * Whole records, as they were put.
   *
   * @param arrived when the first of them was put
   * @param timeKnown whether their stamps are to be believed
   */
  record Batch(ByteBuffer bytes, int records, Instant arrived, boolean timeKnown) {}

  private final DeviceClock clock;
  private final Instant[] arrivals = new Instant[2];
  private final boolean[] known = new boolean[2];

  RecordQueue(DeviceClock clock) {
    this.clock = clock;
  }

  /**
   * @return false when there is no room, or none beside records with stamps of another kind
   */
  synchronized boolean put(byte[] lines, int offset, int length, int records) {
    // The clock is only asked until it is known: from then on stamps mean something else.
    boolean timeKnown = known[filling] || clock.known();
    if (buffers[filling].position() > 0 && timeKnown != known[filling]) {
      if (otherIsTaken) {
        return false; // among the others it would be corrected as they are, by years
      }
      change();
    }
    if (buffers[filling].remaining() < length) {
      if (otherIsTaken || length > FrameEncoder.MAX_CONTENT) {
        return false;
      }
      change();
    }
    if (buffers[filling].position() == 0) {
      arrivals[filling] = clock.now();
      known[filling] = timeKnown;
    }
    buffers[filling].put(lines, offset, length);
    counts[filling] += records;
    return true;
  }

  /** Whether nothing waits, not even for {@link #release}. */
  synchronized boolean isEmpty() {
    return !otherIsTaken && buffers[filling].position() == 0;
  }

  /** Whether writing now, before the flush interval is over, saves records from being refused. */
  synchronized boolean isPressing() {
    return otherIsTaken || buffers[filling].position() > FrameEncoder.MAX_CONTENT / 2;
  }

  /**
   * The oldest records, or null when there are none. The same ones again until {@link #release};
   * the buffer is direct, and belongs to the caller until then.
   */
  synchronized Batch take() {
    if (!otherIsTaken) {
      if (buffers[filling].position() == 0) {
        return null;
      }
      change();
    }
    int other = 1 - filling;
    return new Batch(
        buffers[other].duplicate().flip(), counts[other], arrivals[other], known[other]);
  }

  /** What was taken is durable. */
  synchronized void release() {
    int other = 1 - filling;
    buffers[other].clear();
    known[other] = known[filling];
    counts[other] = 0;
    otherIsTaken = false;
  }

  private void change() {
    filling = 1 - filling;
    otherIsTaken = true;
  }
}
