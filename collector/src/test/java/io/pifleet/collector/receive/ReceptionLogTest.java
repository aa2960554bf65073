package io.pifleet.collector.receive;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.wire.Offer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ReceptionLogTest {
  private static final InetSocketAddress REMOTE = new InetSocketAddress("192.0.2.7", 40_000);

  private final List<String> remembered = new ArrayList<>();
  private final ReceptionLog log =
      new ReceptionLog(
          new ReceptionLog.Memory() {
            @Override
            public void seen(String device, String address) {
              remembered.add(device + " at " + address);
            }

            @Override
            public void event(String kind, String device, String text) {}
          },
          () -> 0);

  @Test
  void remembersNoDeviceForAnOfferAlone() {
    log.offered(REMOTE, offer("stranger"));
    assertEquals(1L, log.counts().get("offers"));
    assertEquals(List.of(), remembered);
  }

  @Test
  void remembersTheDeviceThatOffersWhatIsStored() {
    log.had(REMOTE, offer("pi-1"));
    assertEquals(List.of("pi-1 at 192.0.2.7"), remembered);
  }

  private static Offer offer(String device) {
    return new Offer(device, new ArchiveName("2026-W47", 1), new UUID(1, 2), "0.1.0", 100);
  }
}
