package io.pifleet.protocol.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterfaceChoiceTest {
  private static final Link LO = link("lo", 1, 127, 0, 0, 1, 8, true, false, false);
  private static final Link ETH0 = ethernet("eth0", 2, 1);
  private static final Link WLAN0 = ethernet("wlan0", 3, 2);

  @Test
  void leavesLoopbackOutWhenThereIsAnythingElse() {
    assertEquals(List.of(ETH0, WLAN0), auto(LO, ETH0, WLAN0).links());
    assertEquals(List.of(LO), auto(LO).links());
  }

  @Test
  void takesTheFirstOfTwoInterfacesOnOneSubnet() {
    Link wlanOnTheSame = link("wlan0", 3, 10, 1, 0, 77, 24, false, true, false);

    assertEquals(List.of(ETH0), auto(LO, ETH0, wlanOnTheSame).links());
  }

  @Test
  void leavesTunnelsAndInterfacesWithoutMulticastOut() {
    Link tunnel = link("wg0", 4, 10, 9, 0, 1, 24, false, true, true);
    Link silent = link("can0", 5, 10, 8, 0, 1, 24, false, false, false);

    assertEquals(List.of(ETH0), auto(LO, ETH0, tunnel, silent).links());
  }

  @Test
  void saysWhenThereIsNothingToUse() {
    InterfaceChoice.Chosen chosen = auto();

    assertEquals(List.of(), chosen.links());
    assertEquals(
        List.of("no interface is up with multicast and an IPv4 address"), chosen.problems());
  }

  @Test
  void saysWhichInterfaceIsOneTooMany() {
    List<Link> up = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      up.add(ethernet("eth" + i, i + 1, i));
    }

    InterfaceChoice.Chosen chosen = InterfaceChoice.auto().choose(up);

    assertEquals(up.subList(0, 8), chosen.links());
    assertEquals(List.of("eth8 is left out: at most 8 interfaces are used"), chosen.problems());
  }

  @Test
  void takesWhatIsNamedAndSaysWhatIsMissing() {
    InterfaceChoice.Chosen chosen =
        InterfaceChoice.named(List.of("wlan0", "lo", "wlan0", "eth7"))
            .choose(List.of(LO, ETH0, WLAN0));

    assertEquals(List.of(WLAN0, LO), chosen.links());
    assertEquals(List.of("eth7 does not exist, is down or has no IPv4 address"), chosen.problems());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "eth 0", "a/b", "sixteen-letters-", "eth0\n"})
  void refusesNamesThatNoInterfaceCanHave(String name) {
    assertThrows(IllegalArgumentException.class, () -> InterfaceChoice.named(List.of(name)));
  }

  @Test
  void knowsWhatIsOnASubnet() {
    Link point = link("eth0", 2, 10, 1, 0, 1, 32, false, true, false);
    Link everything = link("eth0", 2, 10, 1, 0, 1, 0, false, true, false);

    assertEquals(true, ETH0.contains(v4(10, 1, 0, 254)));
    assertEquals(false, ETH0.contains(WLAN0.address()));
    assertEquals(false, point.contains(v4(10, 1, 0, 2)));
    assertEquals(true, everything.contains(v4(192, 168, 0, 1)));
  }

  private static InterfaceChoice.Chosen auto(Link... up) {
    return InterfaceChoice.auto().choose(List.of(up));
  }

  private static Link ethernet(String name, int index, int net) {
    return link(name, index, 10, net, 0, 1, 24, false, true, false);
  }

  private static Link link(
      String name,
      int index,
      int a,
      int b,
      int c,
      int d,
      int prefixLength,
      boolean loopback,
      boolean multicast,
      boolean pointToPoint) {
    return new Link(
        name, index, v4(a, b, c, d), prefixLength, List.of(), loopback, multicast, pointToPoint);
  }

  private static Inet4Address v4(int a, int b, int c, int d) {
    try {
      return (Inet4Address)
          InetAddress.getByAddress(new byte[] {(byte) a, (byte) b, (byte) c, (byte) d});
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
