package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.wire.Receipt;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedArchivesTest {
  @TempDir Path work;

  private final ManualClock clock = new ManualClock("2026-11-20T07:10:00Z");

  @Test
  void deletesOnlyWithEnoughReceiptsForThisVeryArchive() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      SealedArchive archive = bench.sealOne();
      SealedArchives archives = bench.spool.archives();
      ArchiveName name = archive.name();
      assertFalse(archives.delete(name, 1));
      archives.addReceipt(name, "torn-000001", new byte[] {'{'});
      archives.addReceipt(
          name, "other-000001", receipt(archive, Sha256.of(new byte[1]), "other-000001"));
      archives.addReceipt(
          name, "liar-000001", receipt(archive, archive.manifest().digest(), "attic-000001"));
      assertFalse(archives.delete(name, 1));
      archives.addReceipt(
          name, "attic-000001", receipt(archive, archive.manifest().digest(), "attic-000001"));
      assertFalse(archives.delete(name, 2));
      assertTrue(Files.exists(bench.directory.resolve(name.toString())));
      assertTrue(archives.delete(name, 1));
      assertEquals(List.of(), archives.names());
      assertTrue(Files.notExists(bench.directory.resolve(name.toString())));
      assertThrows(NoSuchFileException.class, () -> archives.open(name));
    }
  }

  @Test
  void issuesAnArchiveAgainWithoutRottenSegments() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      for (int hour = 0; hour < 3; hour++) {
        bench.record();
        bench.flush();
        clock.advance(Duration.ofHours(1));
      }
      byte[] noise = new byte[9_000_000];
      new Random(1).nextBytes(noise);
      Path big = Files.write(work.resolve("big"), noise);
      bench.spool.offer(SpoolBench.change("f", big));
      SealedArchive before = bench.sealOne();
      assertEquals(6, before.manifest().segments().count());
      BitSet lost = new BitSet();
      lost.set(1); // the second hour
      lost.set(4); // the second slice
      Path rotten =
          bench
              .directory
              .resolve(before.name().toString())
              .resolve(before.manifest().segments().hash(1) + ".seg");
      Files.write(rotten, new byte[] {1, 2, 3});
      assertThrows(java.io.IOException.class, () -> before.openSegment(1));

      bench.spool.archives().reissue(before.name(), lost);

      SealedArchive after = bench.spool.archives().open(before.name());
      assertEquals(2, after.manifest().members());
      assertEquals(2, after.manifest().segments().count());
      assertEquals(2, after.manifest().gaps());
      assertThrows(java.io.IOException.class, before::manifestBytes);
      Path unpacked = SpoolBench.unpack(after, work);
      assertTrue(Files.exists(unpacked.resolve("metrics/2026-11-20T09.lp")));
      assertFalse(Files.exists(unpacked.resolve("metrics/2026-11-20T08.lp")));
      assertTrue(Files.notExists(rotten));
    }
  }

  @Test
  void issuesAnArchiveOfGapsWhenNothingIsLeft() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      SealedArchive before = bench.sealOne();
      BitSet lost = new BitSet();
      lost.set(0);
      bench.spool.archives().reissue(before.name(), lost);
      SealedArchive after = bench.spool.archives().open(before.name());
      assertEquals(1, after.manifest().gaps());
      assertEquals(0, after.manifest().segments().count());
      SpoolBench.unpack(after, work);
    }
  }

  @Test
  void isReadWithoutTheDaemon() throws Exception {
    Path exported = work.resolve("x.tar.zst");
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      bench.sealOne();
    }
    SealedArchives archives = SealedArchives.in(work.resolve("spool"));
    SpoolBench.export(archives.open(archives.names().get(0)), exported);
    assertTrue(SpoolBench.run("tar", "--zstd", "-tf", exported.toString()).contains("T07.lp"));
    assertTrue(SpoolBench.run("bsdtar", "-tf", exported.toString()).contains("manifest.json"));
    assertEquals(List.of(), SealedArchives.in(work.resolve("absent")).names());
  }

  private static byte[] receipt(SealedArchive archive, Sha256 digest, String collector) {
    return new Receipt(
            SpoolBench.DEVICE,
            archive.name().toString(),
            digest,
            archive.manifest().archiveBytes(),
            Instant.parse("2026-11-23T03:12:45Z"),
            collector)
        .encode();
  }
}
