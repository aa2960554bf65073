package io.pifleet.protocol.transfer;

import io.pifleet.protocol.archive.SegmentTable;
import io.pifleet.protocol.wire.Ranges;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * Decides what to ask for next: what is left of a segment that was begun, then segments that have
 * to come again, then the others in their order. A segment that is split over grants is thus never
 * cut into by another one, and can be hashed as it comes. Not thread-safe.
 */
final class GrantPlanner {
  /**
   * Most ranges in one NEED. At 12 bytes each it fits into the least that two kernels buffer, so
   * that writing it never waits for a device that is busy sending.
   */
  private static final int MAX_RANGES = 1024;

  private final SegmentTable segments;
  private final PartialArchive partial;
  private final long grantMaxBytes;
  private final ArrayDeque<Integer> again = new ArrayDeque<>();
  private int cursor; // first segment that was not asked for yet
  private int begun = -1; // segment whose start was asked for, but not its end
  private int begunOffset;

  GrantPlanner(SegmentTable segments, PartialArchive partial, long grantMaxBytes) {
    this.segments = segments;
    this.partial = partial;
    this.grantMaxBytes = grantMaxBytes;
  }

  /**
   * The next ranges, or empty when everything has been asked for. A segment is split only where a
   * grant cannot hold the whole of it: each range costs the device a sendfile(2).
   */
  Optional<Ranges> next() {
    Ranges.Builder ranges = new Ranges.Builder();
    while (ranges.count() < MAX_RANGES && begin()) {
      int left = segments.sizeBytes(begun) - begunOffset;
      long room = grantMaxBytes - ranges.totalBytes();
      if (ranges.count() > 0 && left > room) {
        break;
      }
      int length = (int) Math.min(left, room);
      ranges.add(begun, begunOffset, length);
      begunOffset += length;
      if (length == left) {
        begun = -1;
      }
    }
    return ranges.count() == 0 ? Optional.empty() : Optional.of(ranges.build());
  }

  /** The whole segment has to come again. */
  void again(int segment) {
    again.add(segment);
  }

  /** Makes sure that a segment is begun; false when there is none left. */
  private boolean begin() {
    if (begun >= 0) {
      return true;
    }
    if (!again.isEmpty()) {
      begun = again.remove();
      begunOffset = 0;
      return true;
    }
    while (cursor < segments.count() && partial.isVerified(cursor)) {
      cursor++;
    }
    if (cursor == segments.count()) {
      return false;
    }
    begun = cursor++;
    begunOffset = partial.heldBytes(begun);
    return true;
  }
}
