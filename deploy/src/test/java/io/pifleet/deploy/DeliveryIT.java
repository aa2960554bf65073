package io.pifleet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.daemon.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The main job: what a device gathers is on the collector, and no longer on the device. */
class DeliveryIT {
  @RegisterExtension private final Fleet fleet = new Fleet();

  @Test
  void whatPluginsGatherArrivesAsItWasSealed() throws Exception {
    Path pictures = fleet.directory("pictures");
    Path picture = Inputs.random(pictures.resolve("früh am Morgen.jpg"), 5_000_000, 1);
    Path note = Files.writeString(pictures.resolve("note.txt"), "the door was open\n");
    Path empty = Files.createFile(pictures.resolve("empty"));
    Collector collector = fleet.collector();
    Agent agent =
        fleet
            .agent(
                "pi-kitchen",
                collector.address(),
                "plugins { cpu { enabled = true, interval = 1 s }, memory { enabled = true, interval = 1 s } }",
                Inputs.probe(fleet.directory("probe"), "1 s", 5),
                Inputs.drop(pictures))
            .start();
    Await.until(
        "records and files are in the spool",
        () -> {
          JsonObject spool = agent.status().object("spool");
          return spool.number("files", 0) == 3 && spool.number("records", 0) > 20;
        });

    String name = agent.seal().get(0);
    Path exported = fleet.directory("export").resolve("x.tar.zst");
    assertEquals("", agent.verb("export", name).runInto(exported).errors());
    Await.until("the agent says what is wrong", () -> !agent.uploadError().isEmpty());
    assertEquals(List.of(name), agent.archives(), "nothing is lost without a collector");
    agent.verb("status").run().out().lines().forEach(line -> assertTrue(line.length() < 500, line));

    collector.start();
    agent.awaitDelivered(Await.LONG);

    Path stored = collector.archive("pi-kitchen", name);
    assertEquals(Inputs.sha256(exported), Inputs.sha256(stored), "the same bytes on both sides");
    checkWithCommonTools(stored, name);
    Unpacked unpacked = Unpacked.of(collector, "pi-kitchen", fleet.directory("unpacked"));
    for (Path file : List.of(picture, note, empty)) {
      List<Path> copies = unpacked.members("files").get("drop" + file);
      assertEquals(1, copies.size(), file.toString());
      assertEquals(-1, Files.mismatch(file, copies.get(0)), file.toString());
    }
    List<String> records = collector.verb("records", "pi-kitchen", name).run().lines();
    assertEquals(new TreeSet<>(unpacked.records()), new TreeSet<>(records));
    assertTrue(records.stream().anyMatch(line -> line.startsWith("cpu")), records.toString());
    assertTrue(records.stream().anyMatch(line -> line.startsWith("mem")), records.toString());
    assertEquals("", collector.verb("export", "pi-kitchen", name).runInto(exported).errors());
    assertEquals(-1, Files.mismatch(exported, stored));
    assertEquals(0, collector.verb("verify").run().exit());
    assertTrue(collector.verb("devices").run().fine().contains("pi-kitchen"));
    assertTrue(agent.verb("archives").run().fine().contains("no sealed archives here"));
    assertEquals(
        "attic", agent.status().object("upload").object("last-receipt").text("collector", ""));
  }

  private void checkWithCommonTools(Path stored, String name) throws Exception {
    String file = stored.toString();
    List<String> members = Program.of("tar", "--zstd", "-tf", file).run().lines();
    assertEquals("pi-kitchen/" + name + "/manifest.json", members.get(members.size() - 1));
    assertEquals(members, Program.of("bsdtar", "-tf", file).run().lines());
    Program.of("zstd", "-q", "-t", file).run().fine();
    Path manifest = stored.resolveSibling(name + ".manifest.json");
    String inside =
        Program.of("tar", "--zstd", "-xOf", file, members.get(members.size() - 1)).run().fine();
    assertEquals(Files.readString(manifest), inside);
    List<String> named =
        Program.of("jq", "-r", ".device, .period, (.members | length)", manifest.toString())
            .run()
            .lines();
    assertEquals("pi-kitchen", named.get(0));
    assertEquals(name, named.get(1));
    assertEquals(members.size() - 1, Integer.parseInt(named.get(2)), "all but the manifest itself");
  }

  @Test
  void uploadNowPrintsTheReceipts() throws Exception {
    Collector collector = fleet.collector().start();
    Agent agent =
        fleet
            .agent("pi-1", collector.address(), Inputs.probe(fleet.directory("probe"), "1 s", 1))
            .start();
    Await.until("a record", () -> agent.status().object("spool").number("records", 0) > 0);

    Program.Result upload = agent.verb("upload", "--now").run();

    String name = collector.archives("pi-1").get(0);
    assertTrue(upload.fine().contains("receipt for " + name + ": "), upload.out());
    assertTrue(upload.out().contains("stored by attic as " + name), upload.out());
    assertEquals("nothing to upload\n", agent.verb("upload").run().fine());
  }

  @Test
  void aPeriodWithNothingInItMakesNoArchiveAndOneOffTheDeviceAGap() throws Exception {
    Collector collector = fleet.collector().start();
    Agent agent = fleet.agent("pi-1", collector.address(), "period = 5 s").start();
    String first = agent.status().object("spool").text("open-part", "");
    Await.until(
        "two periods went by",
        () -> agent.status().object("spool").text("open-part", "").compareTo(first) > 0);
    String second = agent.status().object("spool").text("open-part", "");
    Await.until(
        "two periods went by",
        () -> agent.status().object("spool").text("open-part", "").compareTo(second) > 0);
    assertEquals(List.of(), agent.archives());
    assertEquals(List.of(), collector.archives("pi-1"));

    assertEquals(0, agent.daemon().stop());
    agent.configure(
        collector.address(), "period = 1 h", Inputs.probe(fleet.directory("probe"), "1 s", 1));
    agent.start();
    Await.until("a record", () -> agent.status().object("spool").number("records", 0) > 0);
    agent.uploadNow();

    Unpacked unpacked = Unpacked.of(collector, "pi-1", fleet.directory("unpacked"));
    List<JsonObject> gaps = unpacked.gaps();
    assertTrue(
        gaps.stream()
            .anyMatch(
                gap ->
                    gap.text("source", "").equals("agent") && gap.text("reason", "").equals("off")),
        unpacked.manifests().toString());
  }
}
