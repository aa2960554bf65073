package io.pifleet.agent.spool;

import java.time.Instant;

/**
 * An interval for which data is known to be missing.
 *
 * @param source plugin, or {@link #AGENT}
 * @param reason see the constants; other short words are allowed
 * @param records how many were lost, -1 when nobody knows
 * @param detail for people, may be empty
 */
record Gap(Instant from, Instant to, String source, String reason, long records, String detail) {
  static final String AGENT = "agent";
  static final String OFF = "off";
  static final String QUEUE_FULL = "queue-full";
  static final String QUOTA = "quota";
  static final String ROT = "rot";
  static final String READ_ERROR = "read-error";
  static final String UNTOLD = "several";

  // A refused batch is a moment, not an interval: a plugin tries again after its own interval.
  private static final int POINTS_WITHIN_S = 60;

  // In characters, of at most three bytes each: ManifestReader refuses more than 1024, 256 and 2048
  // bytes. A reason is ASCII.
  private static final int MAX_SOURCE = 256;
  private static final int MAX_REASON = 64;
  private static final int MAX_DETAIL = 512;

  Gap {
    to = to.isBefore(from) ? from : to;
    source = bounded(source, MAX_SOURCE);
    reason = bounded(reason, MAX_REASON);
    detail = bounded(detail, MAX_DETAIL);
  }

  /** Whether both say the same of adjoining intervals. */
  boolean joins(Gap later) {
    return source.equals(later.source)
        && reason.equals(later.reason)
        && detail.equals(later.detail)
        && !later.from.isAfter(to.plusSeconds(refusesSingly() ? POINTS_WITHIN_S : 1))
        && !later.to.isBefore(from);
  }

  /** Both as one. */
  Gap with(Gap later) {
    return new Gap(
        from.isBefore(later.from) ? from : later.from,
        to.isAfter(later.to) ? to : later.to,
        source,
        reason,
        records < 0 || later.records < 0 ? -1 : records + later.records,
        detail);
  }

  private boolean refusesSingly() {
    return reason.equals(QUEUE_FULL) || reason.equals(QUOTA);
  }

  /** At most {@code most} characters, and none that UTF-8 cannot say. */
  private static String bounded(String text, int most) {
    StringBuilder result = new StringBuilder(Math.min(text.length(), most));
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (result.length() + Character.charCount(c) >= most && i < text.length()) {
        return result.append('…').toString();
      }
      result.appendCodePoint(c >= 0xd800 && c <= 0xdfff ? '?' : c); // half a surrogate pair
    }
    return result.toString();
  }
}
