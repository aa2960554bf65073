package io.pifleet.daemon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ProgressTest {
  private static final long MIB = 1 << 20;
  private static final Progress HALF =
      new Progress(125 * MIB, 250 * MIB, 0, Duration.ofSeconds(10));

  @Test
  void showsShareBytesRateAndTimeLeft() {
    assertEquals(
        "2026-W47  [========>        ]  50 %  125.0 MiB of 250.0 MiB  12.5 MiB/s  10 s left",
        ProgressBar.line("2026-W47", HALF, 82));
  }

  @Test
  void leavesOutRateAndTimeLeftUntilTheyAreKnown() {
    assertEquals(
        "x  [>                                       ]  0 %  0 B of 250.0 MiB",
        ProgressBar.line("x", new Progress(0, 250 * MIB, 0, Duration.ZERO), 100));
  }

  @Test
  void fillsTheBarWhenAllIsDone() {
    assertEquals(
        "x  [=============]  100 %  250.0 MiB of 250.0 MiB  25.0 MiB/s  0.0 s left",
        ProgressBar.line("x", new Progress(250 * MIB, 250 * MIB, 0, Duration.ofSeconds(10)), 73));
  }

  @Test
  void dropsTheBarBeforeTheFigures() {
    assertEquals(
        "2026-W47  50 %  125.0 MiB of 250.0 MiB  12.5 MiB/s  10 s left",
        ProgressBar.line("2026-W47", HALF, 70));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 10, 40, 61, 62, 75, 80, 200})
  void neverExceedsTheWidth(int width) {
    assertTrue(ProgressBar.line("2026-W47", HALF, width).length() <= width);
  }

  @Test
  void showsNoShareWhenTheTotalIsNotKnown() {
    assertEquals(
        "x  5.0 MiB  1.0 MiB/s",
        ProgressBar.line("x", new Progress(5 * MIB, 0, 0, Duration.ofSeconds(5)), 80));
  }

  @Test
  void doesNotCountResumedBytesAsSpeed() {
    Progress resumed = new Progress(110, 200, 100, Duration.ofSeconds(10));

    assertEquals(1.0, resumed.bytesPerSecond());
    assertEquals(Optional.of(Duration.ofSeconds(90)), resumed.timeLeft());
  }

  @Test
  void takesMoreThanTheTotalForTheTotal() {
    Progress over = new Progress(300, 200, 0, Duration.ofSeconds(1));

    assertEquals(Optional.of(1.0), over.fraction());
    assertEquals(Optional.of(Duration.ZERO), over.timeLeft());
  }

  @Test
  void drawsAtMostFiveTimesASecond() {
    ByteArrayOutputStream drawn = new ByteArrayOutputStream();
    AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // System.nanoTime may wrap
    try (ProgressDisplay display =
        new ProgressDisplay(new PrintStream(drawn, true, StandardCharsets.UTF_8), 79, nanos::get)) {
      for (int i = 0; i < 1_000; i++) {
        display.show("x", HALF);
        nanos.addAndGet(1_000_000);
      }
    }
    String text = drawn.toString(StandardCharsets.UTF_8);
    assertEquals(5 + 1, text.chars().filter(c -> c == '\r').count());
    assertTrue(text.endsWith("\r\u001b[K"));
  }

  @Test
  void drawsNothingWithoutATerminal() {
    try (ProgressDisplay display = new ProgressDisplay(null, 0, () -> 0)) {
      display.show("x", HALF);
      assertFalse(display.isVisible());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/dev/pts/3,true", "/dev/tty1,true", "/dev/ttyAMA0,true", "/dev/console,true",
    "pipe:[4711],false", "socket:[12],false", "/dev/null,false", "/home/pi/x.log,false"
  })
  void knowsTerminalDevices(String target, boolean terminal) {
    assertEquals(terminal, Terminal.isTerminalDevice(target));
  }

  @ParameterizedTest
  @CsvSource({"132,132", "0,80", "wide,80", "-5,80", "99999,80"})
  void takesAPlausibleWidthOnly(String exported, int columns) {
    assertEquals(columns, Terminal.columns(exported));
    assertEquals(80, Terminal.columns(null));
  }
}
