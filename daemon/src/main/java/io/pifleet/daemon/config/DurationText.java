package io.pifleet.daemon.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Durations as people write them: {@code 10 s}, {@code 5m}, {@code 1.5 hours}, {@code 7 days}.
 *
 * <p>A unit is always wanted (only zero needs none): a bare {@code 60} means seconds to one reader
 * and milliseconds to the next. Stateless.
 */
public final class DurationText {
  /** As an upper limit: none. Two centuries still fit into a {@code long} of nanoseconds. */
  public static final Duration UNLIMITED = Duration.ofDays(73_000);

  private static final BigDecimal MAX_NANOS = BigDecimal.valueOf(UNLIMITED.toNanos());

  private DurationText() {}

  /**
   * Reads a duration.
   *
   * @return empty when {@code text} is no duration, negative, longer than {@link #UNLIMITED}, or
   *     not a whole number of nanoseconds
   */
  public static Optional<Duration> parse(String text) {
    QuantityText quantity = QuantityText.split(text);
    if (quantity == null) {
      return Optional.empty();
    }
    if (quantity.unit().isEmpty()) {
      return quantity.number().signum() == 0 ? Optional.of(Duration.ZERO) : Optional.empty();
    }
    long unitNanos = unitNanos(quantity.unit());
    BigDecimal nanos = quantity.number().multiply(BigDecimal.valueOf(unitNanos));
    if (unitNanos == 0 || nanos.compareTo(MAX_NANOS) > 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(Duration.ofNanos(nanos.longValueExact()));
    } catch (ArithmeticException fractionOfANanosecond) {
      return Optional.empty();
    }
  }

  /** Text in the largest unit that divides it, which {@link #parse} reads back: {@code 90 s}. */
  public static String format(Duration duration) {
    if (duration.isZero()) {
      return "0 s";
    }
    long nanos = duration.toNanos();
    if (nanos % 1_000_000_000L != 0) {
      return nanos % 1_000_000 == 0 ? nanos / 1_000_000 + " ms" : nanos + " ns";
    }
    long seconds = duration.toSeconds();
    if (seconds % 86_400 == 0) {
      return seconds == 86_400 ? "1 day" : seconds / 86_400 + " days";
    }
    if (seconds % 3_600 == 0) {
      return seconds / 3_600 + " h";
    }
    return seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
  }

  private static long unitNanos(String unit) {
    return switch (unit.toLowerCase(Locale.ROOT)) {
      case "ns", "nano", "nanos", "nanosecond", "nanoseconds" -> 1L;
      case "us", "micro", "micros", "microsecond", "microseconds" -> 1_000L;
      case "ms", "milli", "millis", "millisecond", "milliseconds" -> 1_000_000L;
      case "s", "sec", "second", "seconds" -> 1_000_000_000L;
      case "m", "min", "minute", "minutes" -> 60_000_000_000L;
      case "h", "hour", "hours" -> 3_600_000_000_000L;
      case "d", "day", "days" -> 86_400_000_000_000L;
      case "w", "week", "weeks" -> 604_800_000_000_000L;
      default -> 0;
    };
  }
}
