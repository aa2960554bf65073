package io.pifleet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.transfer.FaultProxy;
import io.pifleet.protocol.transfer.FaultProxy.Direction;
import io.pifleet.protocol.transfer.FaultProxy.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A network between device and collector that fails. */
class BrokenLinkIT {
  private static final int FILES = 8;
  private static final int FILE_BYTES = 5_000_000;

  /**
   * What the collector says about an archive of one segment before its receipt: preamble, and a
   * NEED with one range (protocol/README.md, 3.2).
   */
  private static final int BEFORE_RECEIPT_BYTES = 8 + (8 + 6 + 4 + 6 + 12 + 6 + 8);

  @RegisterExtension private final Fleet fleet = new Fleet();

  @Test
  void everythingArrivesHoweverOftenTheLinkIsCut() throws Exception {
    Path drop = fleet.directory("drop");
    for (int i = 0; i < FILES; i++) {
      Inputs.random(drop.resolve("file-" + i), FILE_BYTES, i);
    }
    Collector collector = fleet.collector().start();
    FaultProxy proxy = fleet.proxy(collector);
    List<Fault> faults = faults(20261120);
    for (Fault fault : faults) {
      proxy.plan(fault);
    }
    Agent agent = fleet.agent("pi-1", proxy.address(), Inputs.drop(drop)).start();
    Await.until(
        "all files are taken", () -> agent.status().object("spool").number("files", 0) == FILES);
    String name = agent.seal().get(0);
    Path exported = agent.export(name, fleet.directory("export").resolve("x"));

    agent.awaitDelivered(Await.LONG.multipliedBy(2));

    assertTrue(proxy.connections() > faults.size(), proxy.connections() + " connections");
    assertEquals(-1, Files.mismatch(exported, collector.archive("pi-1", name)));
    long sent = 0;
    for (int i = 0; i < proxy.connections(); i++) {
      sent += proxy.bytes(i, Direction.TO_SERVER);
    }
    long size = Files.size(exported);
    assertTrue(sent < size * 3 / 2, sent + " bytes were sent for an archive of " + size);
  }

  /** In the greeting, the manifest, at edges of segments, in the middle of them, in replies. */
  private static List<Fault> faults(long seed) {
    List<Fault> faults = new ArrayList<>();
    for (long at : new long[] {1, 8, 20, 900, 3_000, 65_536, 4 << 20, (4 << 20) + 5_000}) {
      faults.add(Fault.cut(Direction.TO_SERVER, at));
    }
    for (long at : new long[] {0, 5, 30, 100}) {
      faults.add(Fault.reset(Direction.TO_CLIENT, at));
    }
    Random random = new Random(seed);
    for (int i = 0; i < 6; i++) {
      long at = random.nextInt(FILE_BYTES);
      faults.add(
          random.nextBoolean()
              ? Fault.cut(Direction.TO_SERVER, at)
              : Fault.reset(Direction.TO_SERVER, at));
    }
    return faults;
  }

  @Test
  void aLostReceiptIsSentAgain() throws Exception {
    Collector collector = fleet.collector().start();
    FaultProxy proxy = fleet.proxy(collector);
    proxy.plan(Fault.reset(Direction.TO_CLIENT, BEFORE_RECEIPT_BYTES + 1));
    Agent agent =
        fleet
            .agent("pi-1", proxy.address(), Inputs.probe(fleet.directory("probe"), "1 s", 3))
            .start();
    Await.until("records", () -> agent.status().object("spool").number("records", 0) > 0);
    String name = agent.seal().get(0);

    agent.awaitDelivered(Await.LONG);

    assertTrue(agent.daemon().logText().contains(name + " is already stored at attic"));
    assertEquals(BEFORE_RECEIPT_BYTES + 1, proxy.bytes(0, Direction.TO_CLIENT));
    assertEquals(1, collector.archives("pi-1").stream().filter(name::equals).count());
  }

  @Test
  void bytesThatTheNetworkChangedAreAskedForAgain() throws Exception {
    Path drop = fleet.directory("drop");
    Path file = Inputs.random(drop.resolve("file"), FILE_BYTES, 7);
    Collector collector = fleet.collector().start();
    FaultProxy proxy = fleet.proxy(collector);
    proxy.plan(
        Fault.corrupt(Direction.TO_SERVER, 1_000_000),
        Fault.corrupt(Direction.TO_SERVER, FILE_BYTES - 10_000));
    Agent agent = fleet.agent("pi-1", proxy.address(), Inputs.drop(drop)).start();
    Await.until("the file is taken", () -> agent.status().object("spool").number("files", 0) == 1);

    agent.uploadNow();

    Unpacked unpacked = Unpacked.of(collector, "pi-1", fleet.directory("unpacked"));
    assertEquals(-1, Files.mismatch(file, unpacked.members("files").get("drop" + file).get(0)));
    assertTrue(proxy.bytes(0, Direction.TO_SERVER) > FILE_BYTES + (1 << 20), "nothing came twice");
  }
}
