package io.pifleet.protocol.archive;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The one spelling of a time in a manifest: RFC 3339 in UTC, with {@code T} and {@code Z}, seconds
 * from 00 to 59 and at most nine digits behind them.
 *
 * <p>{@link Instant#parse} alone takes leap seconds, 24:00 and years of ten digits too. Others read
 * those otherwise or not at all, and the time of sealing decides bytes that both sides have to make
 * alike: {@link ArchiveEnd}.
 */
final class UtcTime {
  static final int MAX_CHARS = 30;

  private static final Pattern FORM =
      Pattern.compile(
          "[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?Z");

  private UtcTime() {}

  /** The time that {@code text} spells, or empty when it spells none. */
  static Optional<Instant> parse(String text) {
    if (text.length() > MAX_CHARS || !FORM.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty(); // no such day
    }
  }
}
