package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.agent.plugin.FileSink.Answer;
import io.pifleet.protocol.archive.ManifestVisitor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesToArchiveTest {
  @TempDir Path work;

  private final ManualClock clock = new ManualClock("2026-11-20T07:10:00Z");
  private Path source;

  @BeforeEach
  void makeSource() throws IOException {
    source = Files.createDirectories(work.resolve("source"));
  }

  @Test
  void takesAFileOncePerChange() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      Path log = Files.writeString(source.resolve("x.log"), "first\n");
      FileChange first = SpoolBench.change("logs", log);
      assertEquals(Answer.NEW, bench.spool.ask(first));
      assertTrue(bench.spool.offer(first));
      bench.flush();
      assertEquals(Answer.TAKEN, bench.spool.ask(first));

      Files.writeString(log, "second, longer\n");
      FileChange second = SpoolBench.change("logs", log);
      assertEquals(Answer.NEW, bench.spool.ask(second));
      bench.spool.offer(second);
      SealedArchive archive = bench.sealOne();
      assertEquals(Answer.TAKEN, bench.spool.ask(first));
      bench.reopen();
      assertEquals(Answer.TAKEN, bench.spool.ask(second), "after the part was sealed");

      Path unpacked = SpoolBench.unpack(archive, work).resolve("files/logs" + log);
      assertEquals("first\n", Files.readString(unpacked));
      assertEquals("second, longer\n", Files.readString(unpacked.resolveSibling("x.log.~2~")));
      assertEquals(1, archive.manifest().segments().count(), "small files share a segment");
    }
  }

  @Test
  void knowsAFileAgainUnderAnotherName() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      Path log = Files.writeString(source.resolve("x.log"), "line\n");
      bench.spool.offer(SpoolBench.change("logs", log));
      bench.flush();
      Path rotated = Files.move(log, source.resolve("x.log.1"));
      assertEquals(Answer.TAKEN, bench.spool.ask(SpoolBench.change("logs", rotated)));
      assertEquals(Answer.NEW, bench.spool.ask(SpoolBench.change("others", rotated)));
    }
  }

  @Test
  void takesNothingOfTheSpoolItself() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      Path log = Files.writeString(source.resolve("x.log"), "line\n");
      bench.spool.offer(SpoolBench.change("all", log));
      SealedArchive archive = bench.sealOne();
      Path segment;
      try (var files = Files.walk(work)) {
        segment = files.filter(file -> file.toString().endsWith(".seg")).findAny().orElseThrow();
      }
      FileChange own = SpoolBench.change("all", segment);
      assertEquals(Answer.TAKEN, bench.spool.ask(own));
      assertTrue(bench.spool.offer(own), "there is nothing to offer again");
      assertTrue(bench.spool.isSettled());
      assertEquals(1, archive.manifest().members());
      assertEquals(Optional.empty(), bench.spool.stuck());
    }
  }

  @Test
  void takesFilesOfEverySize() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      Random random = new Random(3);
      List<Path> files = new ArrayList<>();
      int[] sizes = {
        0, 1, 511, 512, 513, 131_071, 131_072, 131_073, 4_100_000, 4_194_304, 4_194_305, 9_000_000
      };
      for (int size : sizes) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        Path file = Files.write(source.resolve("file-" + size), bytes);
        files.add(file);
        assertTrue(bench.spool.offer(SpoolBench.change("f", file)));
      }
      SealedArchive archive = bench.sealOne();
      for (int i = 0; i < archive.manifest().segments().count(); i++) {
        assertTrue(archive.isIntact(i));
      }
      Path unpacked = SpoolBench.unpack(archive, work);
      for (Path file : files) {
        assertEquals(-1, Files.mismatch(file, unpacked.resolve("files/f" + file)), file.toString());
      }
      Path exported = SpoolBench.export(archive, work.resolve("x.tar.zst"));
      assertEquals(
          sizes.length + 1, SpoolBench.run("bsdtar", "-tf", exported.toString()).lines().count());
    }
  }

  @Test
  void takesALargeFileThatCompressesIntoOneSlice() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      Path zeros = source.resolve("zeros");
      long size = 256L << 20;
      try (RandomAccessFile file = new RandomAccessFile(zeros.toFile(), "rw")) {
        file.setLength(size);
      }
      bench.spool.offer(SpoolBench.change("f", zeros));
      SealedArchive archive = bench.sealOne();
      assertEquals(1, archive.manifest().segments().count());
      Path exported = SpoolBench.export(archive, work.resolve("zeros.tar.zst"));
      String listing = SpoolBench.run("tar", "--zstd", "-tvf", exported.toString());
      assertTrue(listing.contains(" " + size + " "), listing);
    }
  }

  @Test
  void storesSegmentsWithEqualContentOnce() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock)) {
      bench.open();
      // The same 128 KiB of noise again and again: no frame is smaller, all are equal.
      byte[] noise = new byte[FrameEncoder.MAX_CONTENT];
      new Random(5).nextBytes(noise);
      Path repeated = source.resolve("repeated");
      try (var stream = Files.newOutputStream(repeated)) {
        for (int i = 0; i < 100; i++) {
          stream.write(noise);
        }
      }
      bench.spool.offer(SpoolBench.change("f", repeated));
      SealedArchive archive = bench.sealOne();
      int listed = archive.manifest().segments().count();
      try (var files = Files.list(bench.directory.resolve(archive.name().toString()))) {
        assertTrue(files.filter(f -> f.toString().endsWith(".seg")).count() < listed);
      }
      Path unpacked = SpoolBench.unpack(archive, work);
      assertEquals(-1, Files.mismatch(repeated, unpacked.resolve("files/f" + repeated)));
    }
  }

  @Test
  void takesTenThousandTinyFiles() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      int count = 10_000;
      for (int i = 0; i < count; i++) {
        Path file = Files.writeString(source.resolve("tiny-" + i), "content of " + i);
        FileChange change = SpoolBench.change("f", file);
        SpoolBench.until(() -> bench.spool.offer(change), "room in the queue");
      }
      bench.seal();
      int members = 0;
      for (var name : bench.spool.archives().names()) {
        SealedArchive archive = bench.spool.archives().open(name);
        assertTrue(archive.manifest().lengthBytes() <= 1 << 20);
        members += archive.manifest().members();
        Path unpacked = SpoolBench.unpack(archive, work);
        if (archive.name().part() == 1) {
          Path file = source.resolve("tiny-1");
          assertEquals("content of 1", Files.readString(unpacked.resolve("files/f" + file)));
        }
      }
      assertEquals(count, members);
    }
  }

  @Test
  void padsAFileThatShrinksWhileReadAndSaysSo() throws Exception {
    Path file = Files.write(source.resolve("shrinks"), new byte[300_000]);
    FileChange change = SpoolBench.change("f", file);
    try (SourceFile opened = SourceFile.open(change)) {
      var buffer = java.nio.ByteBuffer.allocateDirect(FrameEncoder.MAX_CONTENT);
      opened.read(buffer);
      try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
        cut.setLength(200_000);
      }
      long total = FrameEncoder.MAX_CONTENT;
      while (opened.remainingBytes() > 0) {
        opened.read(buffer.clear());
        total += buffer.flip().remaining();
      }
      assertEquals(300_000, total);
      assertTrue(opened.problem().orElseThrow().contains("ended at 200000 of 300000 bytes"));
    }
  }

  @Test
  void cutsAFileThatGrowsAtTheAnnouncedLength() throws Exception {
    Path file = Files.writeString(source.resolve("grows"), "12345");
    try (SourceFile opened = SourceFile.open(SpoolBench.change("f", file))) {
      Files.writeString(file, "1234567890");
      var buffer = java.nio.ByteBuffer.allocateDirect(64);
      opened.read(buffer);
      assertEquals("12345", StandardCharsets.UTF_8.decode(buffer.flip()).toString());
      assertEquals(0, opened.remainingBytes());
      assertTrue(opened.problem().isEmpty());
    }
  }

  @Test
  void reportsAShrunkFileAsAGapBesideItsMember() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      Path file = source.resolve("big");
      try (RandomAccessFile big = new RandomAccessFile(file.toFile(), "rw")) {
        big.setLength(1L << 30);
      }
      bench.spool.offer(SpoolBench.change("f", file));
      SpoolBench.until(() -> bench.spool.status().fileInHand().isPresent(), "the file in hand");
      try (RandomAccessFile big = new RandomAccessFile(file.toFile(), "rw")) {
        big.setLength(1000);
      }
      SealedArchive archive = bench.sealOne();
      List<String> reasons = new ArrayList<>();
      bench
          .spool
          .archives()
          .open(
              archive.name(),
              new ManifestVisitor() {
                @Override
                public void gap(
                    Instant from, Instant to, String who, String why, long records, String detail) {
                  reasons.add(who + " " + why);
                }

                @Override
                public void member(String name, long size, int first, int segments) {
                  assertEquals(1L << 30, size);
                }
              });
      assertEquals(List.of("f read-error"), reasons);
    }
  }

  @Test
  void leavesOutWhatVanishedOrBecameSomethingElse() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      FileChange vanished =
          SpoolBench.change("f", Files.writeString(source.resolve("vanishes"), "x"));
      Files.delete(vanished.path());
      FileChange pipe = SpoolBench.change("f", Files.writeString(source.resolve("pipe"), "x"));
      Files.delete(pipe.path());
      SpoolBench.run("mkfifo", pipe.path().toString());
      FileChange link = SpoolBench.change("f", Files.writeString(source.resolve("link"), "x"));
      Files.delete(link.path());
      Files.createSymbolicLink(link.path(), Path.of("/etc/hostname"));
      FileChange good = SpoolBench.change("f", Files.writeString(source.resolve("good"), "x"));
      for (FileChange change : List.of(vanished, pipe, link, good)) {
        assertTrue(bench.spool.offer(change));
      }
      SealedArchive archive = bench.sealOne();
      assertEquals(1, archive.manifest().members());
      assertEquals(Answer.NEW, bench.spool.ask(vanished));
    }
  }

  @Test
  void recordsFlowWhileALargeFileIsInHand() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      Path file = source.resolve("random");
      byte[] noise = new byte[1 << 20];
      Random random = new Random(11);
      try (var stream = Files.newOutputStream(file)) {
        for (int i = 0; i < 40; i++) {
          random.nextBytes(noise);
          stream.write(noise);
        }
      }
      bench.spool.offer(SpoolBench.change("f", file));
      SpoolBench.until(() -> bench.spool.status().fileInHand().isPresent(), "the file in hand");
      int during = 0;
      while (bench.spool.status().fileInHand().isPresent()) {
        assertTrue(bench.record());
        clock.advance(Duration.ofSeconds(1));
        long before = bench.spool.status().records();
        bench.spool.wake();
        SpoolBench.until(() -> bench.spool.status().records() > before, "records to be durable");
        during++;
      }
      assertTrue(during > 1, "records became durable " + during + " times during the file");
      SealedArchive archive = bench.sealOne();
      Path unpacked = SpoolBench.unpack(archive, work);
      assertEquals(-1, Files.mismatch(file, unpacked.resolve("files/f" + file)));
      assertEquals(bench.count, SpoolBench.lines(unpacked).size());
    }
  }

  @Test
  void endsThePeriodWithoutCuttingTheFileInHand() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock)) {
      bench.settings = bench.settings.withPeriod(PeriodRule.every(Duration.ofSeconds(20)));
      bench.open();
      Path file = source.resolve("zeros");
      try (RandomAccessFile big = new RandomAccessFile(file.toFile(), "rw")) {
        big.setLength(1L << 30);
      }
      bench.record();
      bench.spool.offer(SpoolBench.change("f", file));
      SpoolBench.until(() -> bench.spool.status().fileInHand().isPresent(), "the file in hand");
      String first = bench.spool.status().openPart();
      clock.advance(Duration.ofSeconds(20));
      bench.spool.wake();
      SpoolBench.until(() -> !bench.spool.status().openPart().equals(first), "the next part");
      bench.record();
      SpoolBench.until(() -> bench.spool.status().archivesWaiting() == 1, "the archive");
      SealedArchive archive = bench.spool.archives().open(bench.spool.archives().names().get(0));
      assertEquals(first, archive.name().toString());
      assertEquals(2, archive.manifest().members());
      assertEquals(archive.manifest().to(), archive.manifest().from().plusSeconds(20));
      bench.seal();
      var names = bench.spool.archives().names();
      assertEquals(2, names.size());
      SealedArchive next = bench.spool.archives().open(names.get(1));
      assertEquals(1, next.manifest().members(), "the record behind the period's end");
    }
  }

  @Test
  void writesLongAndStrangeNamesThatTarReads() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      Path deep = source;
      for (int i = 0; i < 6; i++) {
        deep = deep.resolve("a-directory-with-a-rather-long-name-" + i);
      }
      Files.createDirectories(deep);
      Path file = Files.writeString(deep.resolve("caf\u00e9 \"quoted\" 100%.txt"), "x");
      bench.spool.offer(SpoolBench.change("f", file));
      Path unpacked = SpoolBench.unpack(bench.sealOne(), work);
      String expected = "files/f" + file.toString().replace("%", "%25");
      assertTrue(Files.exists(unpacked.resolve(expected)), expected);
    }
  }

  @Test
  void forgetsFilesThatAreGoneForDays() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      FileChange gone = SpoolBench.change("f", Files.writeString(source.resolve("a"), "x"));
      FileChange kept = SpoolBench.change("f", Files.writeString(source.resolve("b"), "x"));
      bench.spool.offer(gone);
      bench.spool.offer(kept);
      bench.flush();
      for (int day = 0; day <= TakenChanges.REMEMBERED_DAYS + 1; day++) {
        assertEquals(Answer.TAKEN, bench.spool.ask(kept));
        bench.spool.scanned("f");
        clock.advance(Duration.ofDays(1));
        bench.spool.wake();
        bench.flush();
      }
      assertEquals(Answer.TAKEN, bench.spool.ask(kept));
      bench.spool.scanned("f");
      assertEquals(Answer.NEW, bench.spool.ask(gone));
    }
  }

  @Test
  void remembersChangesInTheirFileByteForByte() throws Exception {
    Path file = work.resolve("taken");
    TakenChanges changes = TakenChanges.load(file);
    PartJournal journal = PartJournal.open(work.resolve("journal"));
    for (int i = 0; i < 1000; i++) {
      Fingerprint print =
          Fingerprint.of(new FileChange("p", Path.of("/x"), i, 7L * i, -1_000_000_007L * i));
      journal.append(new JournalEntry.FileTaken("m" + i, 1, print, i + 1));
      changes.add(print);
    }
    changes.persist(journal);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 3)); // a torn tail
    TakenChanges again = TakenChanges.load(file);
    assertEquals(999, again.count());
    assertTrue(
        again.contains(Fingerprint.of(new FileChange("p", Path.of("/y"), 5, 35, -5_000_000_035L))));
    assertFalse(
        again.contains(Fingerprint.of(new FileChange("q", Path.of("/y"), 5, 35, -5_000_000_035L))));
    again.persist(journal);
    assertArrayEquals(
        java.util.Arrays.copyOf(bytes, 999 * 20),
        java.util.Arrays.copyOf(Files.readAllBytes(file), 999 * 20));
    journal.close();
  }
}
