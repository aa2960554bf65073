package io.pifleet.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class KernelClockTest {
  private static final int STA_PLL = 0x0001;
  private static final int STA_UNSYNC = 0x0040;
  private static final int STA_NANO = 0x2000;

  @Test
  void readsTheKernelsClock() throws IOException {
    KernelClock clock = KernelClock.read();
    assertTrue(clock.maxErrorMicros() >= 0 && clock.maxErrorMicros() <= 16_000_000, "" + clock);
    assertTrue(clock.estimatedErrorMicros() >= 0, "" + clock);
    assertEquals(clock.maxErrorMicros() < 16_000_000, clock.synchronizedNow());
  }

  @Test
  void readsTheLayoutWith64BitLongs() {
    ByteBuffer timex = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
    timex.putLong(8, -5).putLong(24, 300).putLong(32, 20).putInt(40, STA_PLL | STA_NANO);
    assertEquals(
        new KernelClock(true, -5, 20, 300, STA_PLL | STA_NANO), KernelClock.parse(timex, 8));
  }

  @Test
  void readsTheLayoutWith32BitLongs() {
    ByteBuffer timex = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
    timex.putInt(4, -5).putInt(12, 300).putInt(16, 20).putInt(20, STA_PLL);
    assertEquals(new KernelClock(true, -5_000, 20, 300, STA_PLL), KernelClock.parse(timex, 4));
  }

  @Test
  void clockIsNotSynchronizedAtTheMaximumError() {
    ByteBuffer timex = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
    timex.putLong(24, 16_000_000).putInt(40, STA_UNSYNC);
    assertFalse(KernelClock.parse(timex, 8).synchronizedNow());
  }

  @Test
  void clockIsSynchronizedThoughTheDaemonKeepsTheKernelOffTheRtc() {
    ByteBuffer timex = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
    timex.putLong(24, 40_000).putInt(40, STA_UNSYNC);
    assertTrue(KernelClock.parse(timex, 8).synchronizedNow());
  }
}
