package io.pifleet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A collector that has no room. */
class FullCollectorIT {
  @RegisterExtension private final Fleet fleet = new Fleet();

  @Test
  void anArchiveForWhichThereIsNoRoomStaysOnTheDeviceAndItsStatusSaysWhy() throws Exception {
    Collector collector = fleet.collector("min-free-bytes = 1000 TiB").start();
    Agent agent =
        fleet
            .agent("pi-1", collector.address(), Inputs.probe(fleet.directory("probe"), "1 s", 1))
            .start();
    Await.until("a record", () -> agent.status().object("spool").number("records", 0) > 0);
    String name = agent.seal().get(0);

    Await.until("the refusal is shown", () -> agent.uploadError().contains("disk-full"));
    Program.Result status = agent.verb("status").run();
    assertEquals(1, status.exit(), "it needs attention");
    assertTrue(status.out().contains("refused " + name + ": disk-full"), status.out());
    assertTrue(agent.archives().contains(name));
    assertEquals(List.of(), collector.archives("pi-1"));

    assertEquals(0, collector.daemon().stop());
    collector.configure();
    collector.start();
    agent.awaitDelivered(Await.LONG);
    assertTrue(collector.archives("pi-1").contains(name));
    Await.until("it is over", () -> agent.uploadError().isEmpty());
  }

  @Test
  void aStoreThatFillsUpInTheMiddleOfATransferKeepsWhatItHasForLater() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root to mount a small disk");
    Path disk = fleet.directory("disk");
    Program.of("mount", "-t", "tmpfs", "-o", "size=32m", "none", disk.toString()).run().fine();
    fleet.closing(() -> Program.of("umount", disk.toString()).run().fine());
    Path drop = fleet.directory("drop");
    Path file = Inputs.random(drop.resolve("film"), 20_000_000, 5);
    Collector collector = fleet.collector("store-dir = \"" + disk.resolve("store") + "\"");
    collector.start();
    Agent agent =
        fleet.agent("pi-1", collector.address(), "rate-limit = 5 MiB", Inputs.drop(drop)).start();
    Await.until("the file is taken", () -> agent.status().object("spool").number("files", 0) == 1);
    String name = agent.seal().get(0);
    Path incoming = disk.resolve("store/.incoming");

    Await.until("5 MB have arrived", () -> Collector.bytesIn(incoming) > 5_000_000);
    Path ballast = Inputs.random(disk.resolve("ballast"), 15_000_000, 1);
    Await.until("the refusal is shown", () -> agent.uploadError().contains("disk-full"));
    assertEquals(List.of(name), agent.archives());
    assertTrue(Collector.bytesIn(incoming) > 5_000_000, "what has arrived is kept");
    Files.delete(ballast);
    agent.awaitDelivered(Await.LONG);

    Path stored = disk.resolve("store/pi-1/" + name + ".tar.zst");
    Path unpacked = fleet.directory("unpacked");
    Program.of("tar", "--zstd", "-C", unpacked.toString(), "-xf", stored.toString()).run().fine();
    assertEquals(-1, Files.mismatch(file, unpacked.resolve("pi-1/" + name + "/files/drop" + file)));
  }
}
