package io.pifleet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.daemon.json.JsonObject;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bits that flip on a card or a disk. */
class RotIT {
  @RegisterExtension private final Fleet fleet = new Fleet();

  @Test
  void rotOnTheDeviceCostsTheMembersItHitAndNoOthers() throws Exception {
    Path drop = fleet.directory("drop");
    Path film = Inputs.random(drop.resolve("film"), 9_000_000, 1);
    Path picture = Inputs.random(drop.resolve("picture"), 4_500_000, 2);
    Path note = Inputs.random(drop.resolve("note"), 500, 3);
    Collector collector = fleet.collector();
    Agent agent =
        fleet
            .agent(
                "pi-1",
                collector.address(),
                Inputs.drop(drop),
                Inputs.probe(fleet.directory("probe"), "1 s", 1))
            .start();
    Await.until(
        "all is taken",
        () -> {
          JsonObject spool = agent.status().object("spool");
          return spool.number("files", 0) == 3 && spool.number("records", 0) > 0;
        });
    agent.seal();
    flipBit(segmentOf(agent, "files/drop" + film, 1), 1_000_000);

    collector.start();
    agent.awaitDelivered(Await.LONG.multipliedBy(2));

    Unpacked unpacked = Unpacked.of(collector, "pi-1", fleet.directory("unpacked"));
    Map<String, List<Path>> files = unpacked.members("files");
    assertNull(files.get("drop" + film), "half a film is none");
    for (Path intact : List.of(picture, note)) {
      assertEquals(1, files.get("drop" + intact).size());
      assertEquals(-1, Files.mismatch(intact, files.get("drop" + intact).get(0)));
    }
    assertTrue(!unpacked.numbers().isEmpty(), "records are intact");
    List<JsonObject> rot =
        unpacked.gaps().stream().filter(gap -> gap.text("reason", "").equals("rot")).toList();
    assertEquals(1, rot.size(), unpacked.manifests().toString());
    assertTrue(rot.get(0).text("detail", "").contains("film"), rot.get(0).text("detail", ""));
  }

  /** The file in the spool that holds one segment of a member. */
  private static Path segmentOf(Agent agent, String member, int slice) throws IOException {
    Path manifest;
    try (Stream<Path> files = Files.walk(agent.spool())) {
      manifest = files.filter(file -> file.endsWith("manifest.json")).findFirst().orElseThrow();
    }
    JsonObject parsed = JsonObject.parse(Files.readString(manifest));
    JsonObject found =
        parsed.objects("members").stream()
            .filter(each -> each.text("name", "").equals(member))
            .findFirst()
            .orElseThrow();
    int index = Math.toIntExact(found.number("segment", -1)) + slice;
    String hash = parsed.objects("segments").get(index).text("sha256", "");
    try (Stream<Path> files = Files.walk(agent.spool())) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(hash))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void flipBit(Path file, long at) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      int before = bytes.read();
      bytes.seek(at);
      bytes.write(before ^ 0x10);
    }
  }

  @Test
  void verifyNamesTheArchiveAndTheSegmentThatRottedInTheStore() throws Exception {
    Path drop = fleet.directory("drop");
    Inputs.random(drop.resolve("film"), 9_000_000, 1);
    Collector collector = fleet.collector().start();
    Agent agent = fleet.agent("pi-1", collector.address(), Inputs.drop(drop)).start();
    Await.until("the file is taken", () -> agent.status().object("spool").number("files", 0) == 1);
    agent.uploadNow();
    String name = collector.archives("pi-1").get(0);
    Program.Result before = collector.verb("verify").run();
    assertEquals(0, before.exit(), before.out());

    flipBit(collector.archive("pi-1", name), 6_000_000);

    Program.Result after = collector.verb("verify").run();
    assertEquals(1, after.exit(), after.out());
    assertTrue(after.out().contains("pi-1 " + name + ": segment 1"), after.out());
  }
}
