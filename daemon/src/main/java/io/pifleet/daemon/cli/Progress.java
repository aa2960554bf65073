package io.pifleet.daemon.cli;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a transfer is.
 *
 * @param doneBytes what the other side has acknowledged; more than the total counts as the total
 * @param totalBytes 0 when not known
 * @param resumedBytes the part of {@code doneBytes} that was there before this run started: it
 *     counts as done, but says nothing about the rate
 * @param elapsed since this run started
 */
public record Progress(long doneBytes, long totalBytes, long resumedBytes, Duration elapsed) {
  /** A rate over less time than this is noise. */
  private static final long MIN_RATED_MILLIS = 200;

  /** From 0 to 1; empty when the total is not known. */
  public Optional<Double> fraction() {
    return totalBytes <= 0
        ? Optional.empty()
        : Optional.of(Math.max(0, Math.min(doneBytes, totalBytes)) / (double) totalBytes);
  }

  /** Of this run, on average; 0 when it has just started. */
  public double bytesPerSecond() {
    long millis = elapsed.toMillis();
    return millis < MIN_RATED_MILLIS ? 0 : Math.max(0, doneBytes - resumedBytes) * 1_000.0 / millis;
  }

  /** At the average rate; empty when there is no rate or no total yet. */
  public Optional<Duration> timeLeft() {
    double rate = bytesPerSecond();
    if (rate <= 0 || totalBytes <= 0) {
      return Optional.empty();
    }
    // A stalled transfer can reach any estimate; nobody waits for more than a year.
    double seconds = Math.min(Math.max(0, totalBytes - doneBytes) / rate, 31_536_000);
    return Optional.of(Duration.ofMillis(Math.round(seconds * 1_000)));
  }
}
