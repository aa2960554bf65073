package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordsToArchiveTest {
  @TempDir Path work;

  private final ManualClock clock = new ManualClock("2026-11-20T07:10:00Z");

  @Test
  void sealsWhatWasAcceptedIntoAnArchiveThatTarOpens() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      for (int i = 0; i < 100; i++) {
        assertTrue(bench.record());
      }
      SealedArchive archive = bench.sealOne();

      Path unpacked = SpoolBench.unpack(archive, work);
      assertEquals("2026-W47", archive.name().toString());
      List<String> lines = SpoolBench.lines(unpacked);
      assertEquals(100, lines.size());
      assertEquals("n value=99i 1795158600000000000", lines.get(99));
      assertTrue(Files.exists(unpacked.resolve("metrics/2026-11-20T07.lp")));
      assertEquals(archive.manifest().lengthBytes(), Files.size(unpacked.resolve("manifest.json")));
      assertEquals(100L, archive.manifest().counters().get("records"));
    }
  }

  @Test
  void hasNothingToSealWithoutData() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      assertEquals(List.of(), bench.seal());
      assertEquals("2026-W47", bench.spool.status().openPart());
    }
  }

  @Test
  void countsPartsUpAlsoWhenTheArchiveIsGone() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      SealedArchive first = bench.sealOne();
      bench.spool.archives().drop(first.name());
      bench.reopen();
      bench.record();
      assertEquals("2026-W47.2", bench.sealOne().name().toString());
    }
  }

  @Test
  void goesOnInTheOpenSegmentAfterARestart() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      for (int i = 0; i < 5; i++) {
        bench.record();
        bench.record();
        clock.advance(Duration.ofSeconds(3));
        bench.reopen();
      }
      SealedArchive archive = bench.sealOne();
      Path unpacked = SpoolBench.unpack(archive, work);
      assertEquals(10, SpoolBench.lines(unpacked).size());
      assertEquals(1, archive.manifest().members());
    }
  }

  @Test
  void takesASegmentForEachHour() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      bench.flush();
      clock.advance(Duration.ofHours(1));
      bench.record();
      bench.flush();
      SealedArchive archive = bench.sealOne();
      Path unpacked = SpoolBench.unpack(archive, work);
      assertEquals(1, Files.readAllLines(unpacked.resolve("metrics/2026-11-20T07.lp")).size());
      assertEquals(1, Files.readAllLines(unpacked.resolve("metrics/2026-11-20T08.lp")).size());
    }
  }

  @Test
  void neverLetsASegmentGrowPastItsLimit() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).smallSegments()) {
      bench.open();
      java.util.Random random = new java.util.Random(7);
      int accepted = 0;
      for (int i = 0; i < 3000; i++) {
        StringBuilder line = new StringBuilder("noise text=\"");
        for (int k = 0; k < 600; k++) {
          line.append((char) (35 + random.nextInt(55)));
        }
        String text = line.append("\" 1").toString().replace("\\", "/");
        SpoolBench.until(() -> bench.record(text), "room in the queue");
        accepted++;
      }
      SealedArchive archive = bench.sealOne();
      assertTrue(archive.manifest().segments().count() > 2);
      for (int i = 0; i < archive.manifest().segments().count(); i++) {
        assertTrue(archive.manifest().segments().sizeBytes(i) <= SpoolSettings.MIN_SEGMENT_BYTES);
        assertTrue(archive.isIntact(i));
      }
      Path unpacked = SpoolBench.unpack(archive, work);
      assertEquals(accepted, SpoolBench.lines(unpacked).size());
      assertTrue(Files.exists(unpacked.resolve("metrics/2026-11-20T07.2.lp")));
    }
  }

  @Test
  void refusesASecondProcessInTheSameDirectory() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      Exception refused =
          org.junit.jupiter.api.Assertions.assertThrows(
              java.io.IOException.class, () -> new SpoolBench(work, clock).open());
      assertFalse(refused.getMessage().isEmpty());
      assertTrue(refused.getMessage().contains("another process uses the spool"));
      assertTrue(bench.record());
    }
  }
}
