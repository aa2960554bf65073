package io.pifleet.agent.spool;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/** How time is cut into periods, always in UTC. Immutable. */
public final class PeriodRule {
  /** A shorter period would cost more in manifests and fsyncs than it holds. */
  public static final Duration SHORTEST = Duration.ofSeconds(5);

  private static final DateTimeFormatter START =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final long seconds; // 0: ISO week

  private PeriodRule(long seconds) {
    this.seconds = seconds;
  }

  /** Monday 00:00 to Monday 00:00 (ISO 8601), named {@code 2026-W47}. */
  public static PeriodRule isoWeek() {
    return new PeriodRule(0);
  }

  /**
   * A fixed length, counted from 1970 so that all devices of a fleet change together; named by the
   * start, {@code 20261120T073420Z}.
   *
   * @throws IllegalArgumentException for less than {@link #SHORTEST}, or parts of a second
   */
  public static PeriodRule every(Duration length) {
    if (length.compareTo(SHORTEST) < 0 || !length.equals(Duration.ofSeconds(length.toSeconds()))) {
      throw new IllegalArgumentException(
          "period is " + length + "; wanted: whole seconds, at least " + SHORTEST.toSeconds());
    }
    return new PeriodRule(length.toSeconds());
  }

  /** The period that {@code time} falls into; times before 1970 count as 1970. */
  public Period at(Instant time) {
    Instant instant = time.isBefore(Instant.EPOCH) ? Instant.EPOCH : time;
    if (seconds > 0) {
      long start = instant.getEpochSecond() / seconds * seconds;
      Instant from = Instant.ofEpochSecond(start);
      return new Period(START.format(from), from, Instant.ofEpochSecond(start + seconds));
    }
    ZonedDateTime utc = instant.atZone(ZoneOffset.UTC);
    LocalDate monday = utc.toLocalDate().with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    String name =
        "%04d-W%02d"
            .formatted(
                utc.get(IsoFields.WEEK_BASED_YEAR), utc.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
    return new Period(
        name,
        monday.atStartOfDay(ZoneOffset.UTC).toInstant(),
        monday.plusWeeks(1).atStartOfDay(ZoneOffset.UTC).toInstant());
  }

  @Override
  public String toString() {
    return seconds == 0 ? "iso-week" : seconds + " s";
  }
}
