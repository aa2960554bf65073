package io.pifleet.daemon.cli;

import java.io.PrintStream;
import java.util.function.LongSupplier;

/**
 * Draws progress on the last line of a terminal, at most five times a second; draws nothing when
 * there is no terminal. Not thread-safe.
 */
public final class ProgressDisplay implements AutoCloseable {
  /** Faster than people read, and each drawing goes over ssh. */
  private static final long MIN_NANOS_BETWEEN = 200_000_000;

  private static final String TO_START_OF_LINE = "\r";
  private static final String ERASE_TO_END_OF_LINE = "\u001b[K"; // ECMA-48 EL

  private final PrintStream out;
  private final int width;
  private final LongSupplier nanoClock;
  private boolean drawn;
  private long lastNanos;

  ProgressDisplay(PrintStream out, int width, LongSupplier nanoClock) {
    this.out = out;
    this.width = width;
    this.nanoClock = nanoClock;
  }

  /** On stderr, so that stdout stays clean for data. */
  public static ProgressDisplay onStderr() {
    return Terminal.isTerminal(Terminal.STDERR)
        ? new ProgressDisplay(System.err, Terminal.columns() - 1, System::nanoTime)
        : new ProgressDisplay(null, 0, System::nanoTime);
  }

  /** Whether there is a terminal to draw on. */
  public boolean isVisible() {
    return out != null;
  }

  /** Draws, unless it has done so just before; may be called as often as the caller likes. */
  public void show(String label, Progress progress) {
    long now = nanoClock.getAsLong();
    if (out == null || (drawn && now - lastNanos < MIN_NANOS_BETWEEN)) {
      return;
    }
    drawn = true;
    lastNanos = now;
    out.print(TO_START_OF_LINE + ProgressBar.line(label, progress, width) + ERASE_TO_END_OF_LINE);
    out.flush();
  }

  /** Erases the line, for what is printed next; {@link #show} may be called again. */
  @Override
  public void close() {
    if (out != null && drawn) {
      out.print(TO_START_OF_LINE + ERASE_TO_END_OF_LINE);
      out.flush();
      drawn = false;
    }
  }
}
