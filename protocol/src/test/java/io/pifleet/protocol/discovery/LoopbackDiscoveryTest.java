package io.pifleet.protocol.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Two sides in one process, over the machine's loopback interface. */
class LoopbackDiscoveryTest {
  private static final InterfaceChoice LOOPBACK = InterfaceChoice.named(List.of("lo"));

  // Other tests, and other checkouts, may be at work on the same interface.
  private final String run = Long.toString(System.nanoTime(), 36);
  private final String piId = "pi-" + run;
  private final String storeId = "store-" + run;
  private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
  private final DiscoveryListener listener =
      new DiscoveryListener() {
        @Override
        public void found(Discovered service) {
          if (service.id().endsWith(run)) {
            events.add(service);
          }
        }

        @Override
        public void lost(ServiceType type, String id) {
          if (id.endsWith(run)) {
            events.add(type + " " + id);
          }
        }
      };

  @Test
  void twoSidesFindEachOtherAndHearChangesAndGoodbyes() throws Exception {
    try (MulticastDns device = new MulticastDns(LOOPBACK, piId)) {
      device.announce(
          new Announcement(ServiceType.AGENT, piId, 7000, Map.of("transport", "plain")));
      device.browse(ServiceType.COLLECTOR, listener);
      device.start();
      MulticastDns collector = new MulticastDns(LOOPBACK, storeId);
      collector.announce(
          new Announcement(ServiceType.COLLECTOR, storeId, 7433, Map.of("version", "0.1")));
      collector.browse(ServiceType.AGENT, listener);
      collector.start();

      Discovered first = next(Discovered.class);
      Discovered second = next(Discovered.class);
      Discovered agent = first.type() == ServiceType.AGENT ? first : second;
      Discovered store = first.type() == ServiceType.AGENT ? second : first;
      List<InetAddress> here = List.of(InetAddress.getLoopbackAddress());
      assertEquals(
          new Discovered(ServiceType.AGENT, piId, here, 7000, Map.of("transport", "plain"), "lo"),
          agent);
      assertEquals(
          new Discovered(
              ServiceType.COLLECTOR, storeId, here, 7433, Map.of("version", "0.1"), "lo"),
          store);
      assertTrue(device.known(ServiceType.COLLECTOR).contains(store));

      device.update(ServiceType.AGENT, Map.of("transport", "plain", "waiting", "3"));
      assertEquals("3", next(Discovered.class).text().get("waiting"));

      collector.close();
      assertEquals("COLLECTOR " + storeId, next(String.class));
      assertFalse(device.known(ServiceType.COLLECTOR).contains(store));
    }
  }

  private <T> T next(Class<T> kind) throws InterruptedException {
    Object event = events.poll(20, TimeUnit.SECONDS);
    assertTrue(kind.isInstance(event), "wanted a " + kind.getSimpleName() + ", got " + event);
    return kind.cast(event);
  }
}
