package io.pifleet.agent.upload;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * The hours of the day, local time, in which archives may travel: {@code 01:00-05:00}, also over
 * midnight, {@code 22:30-06:00}. An upload that runs when the window closes is finished.
 *
 * @param from first minute
 * @param to first minute after it; equal to {@code from} means the whole day
 */
public record UploadWindow(LocalTime from, LocalTime to) {
  /** Always open. */
  public static final UploadWindow ALWAYS = new UploadWindow(LocalTime.MIN, LocalTime.MIN);

  /** What {@code text} spells ({@code HH:MM-HH:MM}, or {@code always}), or empty. */
  public static Optional<UploadWindow> parse(String text) {
    if (text.equals("always")) {
      return Optional.of(ALWAYS);
    }
    int dash = text.indexOf('-');
    if (dash < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new UploadWindow(
              LocalTime.parse(text.substring(0, dash).trim()),
              LocalTime.parse(text.substring(dash + 1).trim())));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** How long until the window is open; zero while it is. */
  public Duration untilOpen(ZonedDateTime now) {
    LocalTime time = now.toLocalTime();
    boolean open =
        from.equals(to)
            || (from.isBefore(to)
                ? !time.isBefore(from) && time.isBefore(to)
                : !time.isBefore(from) || time.isBefore(to));
    if (open) {
      return Duration.ZERO;
    }
    ZonedDateTime next = now.with(from);
    return Duration.between(now, next.isAfter(now) ? next : now.plusDays(1).with(from));
  }

  @Override
  public String toString() {
    return from.equals(to) ? "always" : from + "-" + to;
  }
}
