package io.pifleet.collector.receive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.transfer.Admission.Admitted;
import io.pifleet.protocol.transfer.BusyException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TransferSlotsTest {
  private long now;

  @Test
  void letsSoManyDevicesInAndTellsTheOthersToComeBack() throws BusyException {
    TransferSlots slots = slots(2);
    Admitted first = slots.enter(null, "pi-1");
    slots.enter(null, "pi-2");
    BusyException busy = assertThrows(BusyException.class, () -> slots.enter(null, "pi-3"));
    assertEquals("2 devices deliver now and 1 wait", busy.getMessage());
    first.close();
    slots.enter(null, "pi-3");
    assertEquals("2 of 2", slots.usage());
  }

  @Test
  void givesADeviceOneConnectionMoreToTakeOverItsOlderOne() throws BusyException {
    TransferSlots slots = slots(1);
    Admitted older = slots.enter(null, "pi-1");
    Admitted newer = slots.enter(null, "pi-1");
    assertThrows(BusyException.class, () -> slots.enter(null, "pi-1"));
    assertThrows(BusyException.class, () -> slots.enter(null, "pi-2"));
    older.close();
    assertThrows(BusyException.class, () -> slots.enter(null, "pi-2"));
    newer.close();
    slots.enter(null, "pi-2");
  }

  @Test
  void sendsAwayForLongerTheMoreDevicesWait() throws BusyException {
    TransferSlots slots = slots(4);
    for (int i = 0; i < 4; i++) {
      slots.enter(null, "busy-" + i);
    }
    List<Long> seconds = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      String device = "pi-" + i;
      seconds.add(
          assertThrows(BusyException.class, () -> slots.enter(null, device))
              .retryAfter()
              .toSeconds());
    }
    assertEquals(5, seconds.get(0));
    assertTrue(seconds.get(99) > seconds.get(9), seconds.get(99) + " > " + seconds.get(9));
    assertEquals(3_600, seconds.get(9_999));
    assertEquals(10_000, slots.waiting());
    now += Duration.ofHours(3).toNanos();
    assertEquals(0, slots.waiting());
  }

  @Test
  void forgetsHowManyWaitPastABound() throws BusyException {
    TransferSlots slots = slots(1);
    slots.enter(null, "busy");
    for (int i = 0; i < 20_000; i++) {
      String device = "pi-" + i;
      assertThrows(BusyException.class, () -> slots.enter(null, device));
    }
    assertEquals(16_384, slots.waiting());
  }

  @Test
  void handsOutTheSameBuffersAgain() throws BusyException {
    TransferSlots slots = slots(1);
    Admitted first = slots.enter(null, "pi-1");
    ByteBuffer buffer = first.buffer();
    assertTrue(buffer.isDirect());
    buffer.putInt(1);
    first.close();
    first.close();
    Admitted second = slots.enter(null, "pi-2");
    assertSame(buffer, second.buffer());
    assertEquals(0, second.buffer().position());
    assertEquals("1 of 1", slots.usage());
  }

  @Test
  void keepsAllBuffersTogetherSmall() throws BusyException {
    assertEquals(256 << 10, slots(16).enter(null, "pi-1").buffer().capacity());
    assertEquals(64 << 10, slots(1_000).enter(null, "pi-1").buffer().capacity());
  }

  @Test
  void followsAChangeOfItsSize() throws BusyException {
    TransferSlots slots = slots(1);
    slots.enter(null, "pi-1");
    slots.resize(2);
    Admitted second = slots.enter(null, "pi-2");
    slots.resize(1);
    second.close();
    assertThrows(BusyException.class, () -> slots.enter(null, "pi-3"));
  }

  private TransferSlots slots(int number) {
    return new TransferSlots(number, () -> now);
  }
}
