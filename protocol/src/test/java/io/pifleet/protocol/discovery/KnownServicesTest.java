package io.pifleet.protocol.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KnownServicesTest {
  private static final Link ETH0 = link("eth0", 2);
  private static final Link ETH1 = link("eth1", 3);

  private final KnownServices known = new KnownServices();

  @Test
  void mergesWhatSeveralInterfacesHearInAFixedOrder() {
    List<Sighting> one = List.of(sighting("a", ETH1, 9, 7433, 2), sighting("a", ETH0, 8, 7433, 1));
    List<Sighting> other =
        List.of(sighting("a", ETH0, 11, 7433, 1), sighting("a", ETH1, 10, 7433, 2));

    KnownServices.Changes first = known.replace(one);
    KnownServices.Changes second = known.replace(other);

    assertEquals(
        new Discovered(
            ServiceType.COLLECTOR,
            "a",
            List.of(v4(1), v4(2)),
            7433,
            Map.of("version", "1"),
            "eth0"),
        first.found().get(0));
    assertTrue(second.isEmpty());
  }

  @Test
  void believesThePortThatWasHeardLast() {
    known.replace(List.of(sighting("a", ETH0, 1, 7433, 1)));

    KnownServices.Changes changes =
        known.replace(List.of(sighting("a", ETH0, 1, 7433, 1), sighting("a", ETH0, 2, 8433, 2)));

    assertEquals(8433, changes.found().get(0).port());
    assertEquals(List.of(v4(2)), changes.found().get(0).addresses());
  }

  @Test
  void tellsWhatIsGone() {
    known.replace(List.of(sighting("a", ETH0, 1, 1, 1), sighting("b", ETH0, 1, 1, 2)));

    KnownServices.Changes changes = known.replace(List.of(sighting("b", ETH0, 1, 1, 2)));

    assertEquals(List.of("a"), changes.lost());
    assertEquals(List.of(), changes.found());
    assertEquals(1, known.all().size());
  }

  @Test
  void keepsNoMoreThanItsLimits() {
    List<Sighting> many = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      many.add(sighting("id-" + i, ETH0, 1, 7433, 1));
      many.add(sighting("id-0", ETH0, 1, 7433, i % 200));
    }

    known.replace(many);

    assertEquals(KnownServices.MAX_SERVICES, known.all().size());
    for (Discovered each : known.all()) {
      assertTrue(each.addresses().size() <= Discovered.MAX_ADDRESSES);
    }
  }

  private static Sighting sighting(String id, Link link, long heard, int port, int host) {
    return new Sighting(
        ServiceType.COLLECTOR, id, link, heard, port, List.of(v4(host)), Map.of("version", "1"));
  }

  private static Link link(String name, int index) {
    return new Link(name, index, v4(250 + index), 24, List.of(), false, true, false);
  }

  private static Inet4Address v4(int host) {
    try {
      return (Inet4Address) InetAddress.getByAddress(new byte[] {10, 77, 0, (byte) host});
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
