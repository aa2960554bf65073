package io.pifleet.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.agent.config.ClockTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SystemClockTest {
  private static final String NOVEMBER_2026 = "1795000000";

  @TempDir Path root;
  private FakeMachine machine;

  @BeforeEach
  void open() throws IOException {
    machine = new FakeMachine(root);
  }

  @Test
  void aPcHasAClock() throws IOException {
    assertFalse(SystemClock.isBoardWithoutClock(root));
    assertTrue(SystemClock.on(root, ClockTrust.AUTO).known());
  }

  @Test
  void aBoardWithoutRtcHasNone() throws IOException {
    machine.serial("10000000abcdef01");
    assertTrue(SystemClock.isBoardWithoutClock(root));
    Files.createDirectories(root.resolve("sys/class/rtc"));
    assertTrue(SystemClock.isBoardWithoutClock(root));
  }

  @Test
  void aBoardWithAnRtcThatRunsHasOne() throws IOException {
    machine.serial("10000000abcdef01").clock("rtc0", NOVEMBER_2026);
    assertFalse(SystemClock.isBoardWithoutClock(root));
  }

  @Test
  void anRtcWithoutBatteryIsNone() throws IOException {
    machine.serial("10000000abcdef01").clock("rtc0", "17");
    assertTrue(SystemClock.isBoardWithoutClock(root));
    machine.clock("rtc1", NOVEMBER_2026);
    assertFalse(SystemClock.isBoardWithoutClock(root));
  }

  @Test
  void anRtcThatCannotBeReadIsNone() throws IOException {
    machine.serial("10000000abcdef01").clock("rtc0", "");
    Files.createDirectories(root.resolve("sys/class/rtc/rtc1"));
    assertTrue(SystemClock.isBoardWithoutClock(root));
  }

  @Test
  void aClockThatTheConfigurationTrustsIsKnown() throws IOException {
    machine.serial("10000000abcdef01");
    assertTrue(SystemClock.on(root, ClockTrust.SYSTEM).known());
  }

  @Test
  void saysWhichBootThisIs() throws IOException {
    assertEquals(
        "2f5a7c1e-0000-4000-8000-0123456789ab", SystemClock.on(root, ClockTrust.AUTO).bootId());
  }
}
