package io.pifleet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.daemon.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two devices with one id: an SD card was cloned. */
class TwinsIT {
  @RegisterExtension private final Fleet fleet = new Fleet();

  @Test
  void neitherArchiveReplacesTheOther() throws Exception {
    Collector collector = fleet.collector().start();
    List<Path> notes = new ArrayList<>();
    List<Agent> twins = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Path drop = fleet.directory("drop" + i);
      notes.add(Files.writeString(drop.resolve("note"), "I am number " + i + "\n"));
      twins.add(fleet.agent("twin", collector.address(), Inputs.drop(drop)));
    }
    String archive = "";
    List<JsonObject> receipts = new ArrayList<>();
    for (Agent twin : twins) {
      twin.start();
      Await.until("the note is taken", () -> twin.status().object("spool").number("files", 0) == 1);
      receipts.addAll(twin.uploadNow());
      archive = receipts.get(0).text("archive", "");
    }

    assertEquals(archive, receipts.get(1).text("archive", ""), "both sealed the same part");
    String beside = receipts.get(1).text("stored-as", "");
    assertTrue(beside.matches(archive + "~[0-9a-f]{8}"), beside);
    assertEquals(List.of(archive, beside), collector.archives("twin"));
    Unpacked unpacked = Unpacked.of(collector, "twin", fleet.directory("unpacked"));
    for (Path note : notes) {
      List<Path> copies = unpacked.members("files").get("drop" + note);
      assertEquals(1, copies.size());
      assertEquals(-1, Files.mismatch(note, copies.get(0)));
    }
    assertTrue(
        collector
            .daemon()
            .logText()
            .lines()
            .anyMatch(l -> l.contains("WARN") && l.contains(beside)),
        "nobody is told");
    List<String> listed = collector.verb("archives", "twin", "--json").run().lines();
    assertEquals(
        List.of(false, true),
        List.of(
            JsonObject.parse(listed.get(0)).flag("conflict", true),
            JsonObject.parse(listed.get(1)).flag("conflict", false)));
  }
}
