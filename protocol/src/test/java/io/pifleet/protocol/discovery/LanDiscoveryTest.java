package io.pifleet.protocol.discovery;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Several machines on one network, and what happens to networks. */
@Execution(ExecutionMode.CONCURRENT)
class LanDiscoveryTest {
  private static final int TTL = 120;

  private Lan lan;

  @BeforeEach
  void connectTwoHosts() throws Exception {
    String missing = Lan.missing("ip");
    assumeTrue(missing.isEmpty(), missing);
    lan = new Lan();
    lan.bridge("br0");
    lan.host("pi");
    lan.plug("pi", "eth0", "br0", "10.77.0.21/24");
    lan.host("store");
    lan.plug("store", "eth0", "br0", "10.77.0.22/24");
  }

  @AfterEach
  void removeEverything() throws Exception {
    if (lan != null) {
      lan.close();
    }
  }

  @Test
  void findsACollectorAgainWhoseAddressChanged() throws Exception {
    Peer collector = collector(TTL, 7433);
    Peer agent = agent();
    agent.await("FOUND COLLECTOR store-1 10.77.0.22 port 7433 on eth0");

    lan.ip("store", "addr del 10.77.0.22/24 dev eth0");
    lan.ip("store", "addr add 10.77.0.32/24 dev eth0");

    agent.await("FOUND COLLECTOR store-1 10.77.0.32 port 7433 on eth0");
    assertFalse(agent.output().contains("LOST"), agent.output());
    assertFalse(collector.output().contains("problem=e"), collector.output());
  }

  @Test
  void findsTheCollectorAgainAfterItsOwnAddressChanged() throws Exception {
    collector(TTL, 7433);
    Peer agent = agent();
    agent.await("FOUND COLLECTOR store-1 10.77.0.22");

    lan.ip("pi", "addr del 10.77.0.21/24 dev eth0");
    agent.await("STATUS .lo 127.0.0.1.");
    lan.ip("pi", "addr add 10.77.0.31/24 dev eth0");

    agent.await("FOUND COLLECTOR store-1 10.77.0.22");
    assertTrue(agent.output().contains("STATUS [eth0 10.77.0.31]"), agent.output());
  }

  @Test
  void survivesACableThatIsPulledAndPluggedIn() throws Exception {
    collector(TTL, 7433);
    Peer agent = agent();
    agent.await("FOUND COLLECTOR store-1 10.77.0.22");

    lan.ip("pi", "link set eth0 down");
    agent.await("LOST COLLECTOR store-1");
    lan.ip("pi", "link set eth0 up");

    agent.await("FOUND COLLECTOR store-1 10.77.0.22");
  }

  @Test
  void losesACollectorThatDiedWhenItsRecordsEnd() throws Exception {
    Peer collector = collector(8, 7433);
    Peer agent = agent();
    agent.await("FOUND COLLECTOR store-1");

    collector.kill();

    agent.await("LOST COLLECTOR store-1");
  }

  @Test
  void keepsACollectorWhoseRecordsAreRenewed() throws Exception {
    collector(4, 7433);
    Peer agent = agent();
    agent.await("FOUND COLLECTOR store-1");
    Peer late = collector(TTL, 7433, "store-2"); // takes longer than the records of the first live
    agent.await("FOUND COLLECTOR store-2");
    late.endInput();
    agent.await("LOST COLLECTOR store-2");

    assertFalse(agent.output().contains("LOST COLLECTOR store-1"), agent.output());
  }

  @Test
  void losesACollectorThatSaysGoodbyeAtOnce() throws Exception {
    Peer collector = collector(TTL, 7433);
    Peer agent = agent();
    agent.await("FOUND COLLECTOR store-1");

    collector.endInput();

    collector.await("CLOSED");
    agent.await("LOST COLLECTOR store-1");
  }

  @Test
  void noticesANewPortAfterACrash() throws Exception {
    Peer collector = collector(TTL, 7433);
    Peer agent = agent();
    agent.await("FOUND COLLECTOR store-1 10.77.0.22 port 7433");

    collector.kill();
    collector(TTL, 8433);

    agent.await("FOUND COLLECTOR store-1 10.77.0.22 port 8433");
    assertFalse(agent.output().contains("LOST"), agent.output());
  }

  @Test
  void servesTwoNetworksAndTellsThemApart() throws Exception {
    lan.bridge("br1");
    lan.plug("pi", "eth1", "br1", "10.78.0.21/24");
    lan.host("other");
    lan.plug("other", "eth0", "br1", "10.78.0.23/24");
    collector(TTL, 7433);
    lan.peer("other", TTL, "other", "auto", "announce:collector:store-9:7433", "browse:agent");

    Peer agent = agent();

    String first = agent.await("FOUND COLLECTOR");
    String second = agent.await("FOUND COLLECTOR");
    String both = first.compareTo(second) < 0 ? first + second : second + first;
    assertTrue(
        both.matches(
            "FOUND COLLECTOR store-1 10.77.0.22 port 7433 on eth0 .*"
                + "FOUND COLLECTOR store-9 10.78.0.23 port 7433 on eth1 .*"),
        both);
  }

  @Test
  void tellsIpv6AddressesAndTheirChanges() throws Exception {
    lan.ip("store", "addr add fd00:77::22/64 dev eth0 nodad");
    collector(TTL, 7433);
    Peer agent = agent();
    agent.await("FOUND COLLECTOR store-1 10.77.0.22,fd00:77:0:0:0:0:0:22 port 7433");

    lan.ip("store", "addr add fd00:77::23/64 dev eth0 nodad");
    lan.ip("store", "addr del fd00:77::22/64 dev eth0");

    agent.await("FOUND COLLECTOR store-1 10.77.0.22,fd00:77:0:0:0:0:0:23 port 7433");
  }

  @Test
  void reportsANetworkThatTakesNoPacketsAndTriesAgain() throws Exception {
    String missing = Lan.missing("nft");
    assumeTrue(missing.isEmpty(), missing);
    lan.program("pi", "nft", "add table inet t").end();
    lan.program("pi", "nft", "add chain inet t out { type filter hook output priority 0; }").end();
    lan.program("pi", "nft", "add rule inet t out udp dport 5353 drop").end();
    collector(TTL, 7433);
    Peer agent = agent();

    agent.await("problem=eth0 10.77.0.21: .*not permitted");
    lan.program("pi", "nft", "delete table inet t").end();

    agent.await("problem=$");
    Peer observer = lan.peer("store", TTL, "observer", "auto", "browse:agent");
    observer.await("FOUND AGENT pi-1 10.77.0.21 port 7000");
  }

  @Test
  void staysWithinItsLimitsWhenAStrangerFloodsTheNetwork() throws Exception {
    Peer collector = collector(TTL, 7433);
    Peer agent = agent();
    agent.await("FOUND COLLECTOR store-1");
    lan.host("stranger");
    lan.plug("stranger", "eth0", "br0", "10.77.0.66/24");

    lan.java("stranger", MdnsFlood.class).end();

    agent.await("FOUND COLLECTOR odd-address 10.77.0.66 port 9000 ");
    agent.await("FOUND COLLECTOR flood-7 10.77.0.66");
    agent.await("STATUS .* ignored=[1-9]");
    collector.endInput();
    agent.await("LOST COLLECTOR store-1");
    Peer observer = lan.peer("store", TTL, "observer", "auto", "browse:agent");
    observer.await("FOUND AGENT pi-1 10.77.0.21 port 7000");
    long found = agent.output().lines().filter(line -> line.contains(" flood-")).count();
    assertTrue(found <= KnownServices.MAX_SERVICES, found + " of the flood were found");
    assertFalse(agent.output().contains("Exception"), agent.output());
    assertFalse(agent.output().contains("OutOfMemory"), agent.output());
  }

  private Peer agent() throws Exception {
    return lan.peer("pi", TTL, "pi", "auto", "announce:agent:pi-1:7000", "browse:collector");
  }

  private Peer collector(int ttl, int port) throws Exception {
    return collector(ttl, port, "store-1");
  }

  private Peer collector(int ttl, int port, String id) throws Exception {
    return lan.peer("store", ttl, "store", "auto", "announce:collector:" + id + ":" + port);
  }
}
