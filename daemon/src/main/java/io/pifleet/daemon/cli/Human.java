package io.pifleet.daemon.cli;

import java.time.Duration;

/** Rounded figures for people. For figures that must be read back, see {@code ByteSize}. */
public final class Human {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Human() {}

  /** One decimal from 1 KiB up: {@code 0 B}, {@code 1.5 KiB}, {@code 250.0 MiB}. */
  public static String bytes(long bytes) {
    int unit = 0;
    long scaled = bytes; // in tenths of the unit, from the first step on
    if (bytes < 1024) {
      return bytes + " B";
    }
    long remainder = 0;
    while (scaled >= 1024) {
      remainder = scaled & 1023;
      scaled >>= 10;
      unit++;
    }
    long tenths = scaled * 10 + (remainder * 10 + 512) / 1024;
    if (tenths >= 10_240) {
      tenths = 10; // 1023.96 of a unit rounds up to one of the next
      unit++;
    }
    return tenths / 10 + "." + tenths % 10 + " " + UNITS[unit];
  }

  /** {@code 11.2 MiB/s}. */
  public static String rate(double bytesPerSecond) {
    return bytes(Math.round(bytesPerSecond)) + "/s";
  }

  /** The two largest units: {@code 0.4 s}, {@code 12 s}, {@code 2 min 3 s}, {@code 3 days 4 h}. */
  public static String duration(Duration duration) {
    if (duration.isNegative()) {
      return "-" + duration(duration.negated());
    }
    long seconds = duration.toSeconds();
    if (seconds < 10) {
      return seconds + "." + duration.toMillisPart() / 100 + " s";
    }
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3_600) {
      return two(seconds / 60, "min", seconds % 60, "s");
    }
    if (seconds < 86_400) {
      return two(seconds / 3_600, "h", seconds % 3_600 / 60, "min");
    }
    long days = seconds / 86_400;
    return two(days, days == 1 ? "day" : "days", seconds % 86_400 / 3_600, "h");
  }

  private static String two(long large, String largeUnit, long small, String smallUnit) {
    return large + " " + largeUnit + (small == 0 ? "" : " " + small + " " + smallUnit);
  }
}
