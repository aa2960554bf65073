package io.pifleet.daemon.cli;

/**
 * A {@link Progress} as one line of text: {@code 2026-W47 [=====> ] 45 % 112.5 MiB of 250.0 MiB
 * 11.2 MiB/s 12 s left}. Pure.
 */
final class ProgressBar {
  private static final int MIN_BAR = 8;
  private static final int MAX_BAR = 40;

  private ProgressBar() {}

  /**
   * The line, at most {@code width} characters. What does not fit goes in this order: the bar gets
   * shorter and disappears, then the text is cut.
   */
  static String line(String label, Progress progress, int width) {
    StringBuilder after = new StringBuilder();
    progress
        .fraction()
        .ifPresent(fraction -> after.append((int) Math.floor(fraction * 100)).append(" %  "));
    after.append(Human.bytes(progress.doneBytes()));
    if (progress.totalBytes() > 0) {
      after.append(" of ").append(Human.bytes(progress.totalBytes()));
    }
    if (progress.bytesPerSecond() > 0) {
      after.append("  ").append(Human.rate(progress.bytesPerSecond()));
    }
    progress
        .timeLeft()
        .ifPresent(left -> after.append("  ").append(Human.duration(left)).append(" left"));

    String before = Printable.line(label);
    int room = width - before.length() - after.length() - 6; // two gaps of two, two brackets
    String bar =
        room < MIN_BAR || progress.fraction().isEmpty()
            ? "  "
            : "  [" + bar(progress.fraction().get(), Math.min(room, MAX_BAR)) + "]  ";
    String line = before + bar + after;
    return line.length() <= width ? line : line.substring(0, Math.max(0, width));
  }

  private static String bar(double fraction, int cells) {
    int filled = (int) Math.floor(fraction * cells);
    return filled >= cells
        ? "=".repeat(cells)
        : "=".repeat(filled) + ">" + " ".repeat(cells - filled - 1);
  }
}
