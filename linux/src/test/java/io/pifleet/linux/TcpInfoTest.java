package io.pifleet.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class TcpInfoTest {
  private final ByteBuffer info = ByteBuffer.allocate(248).order(ByteOrder.nativeOrder());

  @Test
  void fieldsThatAnOlderKernelDoesNotFillAreMinusOne() {
    info.putInt(68, 1_234).putLong(120, 5_000).putLong(128, 6_000).limit(136); // Linux 4.2
    TcpInfo parsed = TcpInfo.parse(info);
    assertEquals(1_234, parsed.rttMicros());
    assertEquals(5_000, parsed.bytesAcked());
    assertEquals(6_000, parsed.bytesReceived());
    assertEquals(-1, parsed.notSentBytes());
    assertEquals(-1, parsed.minRttMicros());
    assertEquals(-1, parsed.deliveryRateBytesPerSecond());
    assertEquals(-1, parsed.busyMicros());
    assertEquals(-1, parsed.bytesSent());
  }

  @Test
  void synAndFinAreTakenOffTheAcknowledgedBytes() {
    info.putLong(120, 1_002).putLong(200, 1_500).putLong(208, 500);
    assertEquals(1_000, TcpInfo.parse(info).bytesAcked());
  }

  @Test
  void unknownMinimumRttAndUnlimitedPacingAreMinusOne() {
    info.putInt(148, -1).putLong(104, -1);
    assertEquals(-1, TcpInfo.parse(info).minRttMicros());
    assertEquals(-1, TcpInfo.parse(info).pacingBytesPerSecond());
  }

  @Test
  void readsUnsigned32BitCounters() {
    info.putInt(144, 0x80000000);
    assertEquals(1L << 31, TcpInfo.parse(info).notSentBytes());
  }
}
