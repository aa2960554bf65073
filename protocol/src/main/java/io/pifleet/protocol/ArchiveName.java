package io.pifleet.protocol;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an archive of one device: its period, and which part of it.
 *
 * <p>In text {@code 2026-W47} for the first part, {@code 2026-W47.2} for the second.
 *
 * @param period ISO week {@code YYYY-Www} or UTC start {@code YYYYMMDDTHHMMSSZ}
 * @param part 1 to {@link #MAX_PART}
 */
public record ArchiveName(String period, int part) implements Comparable<ArchiveName> {
  public static final int MAX_PART = 9999;

  private static final Pattern PERIOD =
      Pattern.compile("[0-9]{4}-W(?:0[1-9]|[1-4][0-9]|5[0-3])|[0-9]{8}T[0-9]{6}Z");
  private static final Pattern NAME = Pattern.compile("(.{8,16}?)(?:\\.([1-9][0-9]{0,3}))?");

  public ArchiveName {
    if (!isPeriod(period)) {
      throw new IllegalArgumentException(
          "period is \"" + period + "\"; wanted: YYYY-Www or YYYYMMDDTHHMMSSZ");
    }
    if (part < 1 || part > MAX_PART) {
      throw new IllegalArgumentException("part is " + part + "; wanted: 1 to " + MAX_PART);
    }
  }

  public static boolean isPeriod(String text) {
    return text.length() <= 16 && PERIOD.matcher(text).matches();
  }

  /** The name that {@code text} spells, or empty when it spells none. */
  public static Optional<ArchiveName> parse(String text) {
    if (text.length() > 21) {
      return Optional.empty();
    }
    Matcher matcher = NAME.matcher(text);
    if (!matcher.matches() || !isPeriod(matcher.group(1))) {
      return Optional.empty();
    }
    int part = matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2));
    if (part == 1 && matcher.group(2) != null) {
      return Optional.empty(); // "2026-W47.1" would be a second spelling of 2026-W47
    }
    return Optional.of(new ArchiveName(matcher.group(1), part));
  }

  /** The next part of the same period. */
  public ArchiveName next() {
    return new ArchiveName(period, part + 1);
  }

  /** By period, then by part: the order in which the parts of one period came into being. */
  @Override
  public int compareTo(ArchiveName other) {
    int byPeriod = period.compareTo(other.period);
    return byPeriod != 0 ? byPeriod : Integer.compare(part, other.part);
  }

  @Override
  public String toString() {
    return part == 1 ? period : period + "." + part;
  }
}
