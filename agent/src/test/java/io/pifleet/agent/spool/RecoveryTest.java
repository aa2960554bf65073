package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.agent.plugin.FileSink.Answer;
import io.pifleet.protocol.archive.ManifestVisitor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryTest {
  // In memory where there is such a place: thousands of recoveries, each with its fsyncs.
  @TempDir(factory = MemoryDirectory.class)
  Path work;

  private final ManualClock clock = new ManualClock("2026-11-20T07:10:00Z");
  private Path source;

  @BeforeEach
  void makeSource() throws IOException {
    source = Files.createDirectories(work.resolve("source"));
  }

  @Test
  void keepsEveryWholeFrameWhereverTheOpenSegmentIsTorn() throws Exception {
    Path original = work.resolve("original");
    List<Long> ends = new ArrayList<>();
    try (SpoolBench bench = new SpoolBench(original, clock).open()) {
      for (int flush = 0; flush < 4; flush++) {
        for (int i = 0; i < 3; i++) {
          bench.record();
        }
        bench.flush();
        ends.add(Files.size(bench.directory.resolve("2026-W47/records.open")));
      }
    }
    long length = ends.get(3);
    for (long cut = 0; cut <= length; cut++) {
      Path torn = copy(original, work.resolve("torn"));
      try (FileChannel channel =
          FileChannel.open(torn.resolve("spool/2026-W47/records.open"), StandardOpenOption.WRITE)) {
        channel.truncate(cut);
      }
      long at = cut;
      long whole = ends.stream().filter(end -> end <= at).count();
      assertRecords(torn, 3 * (int) whole, "cut at " + cut);
    }
  }

  @Test
  void keepsEveryFrameBeforeADamagedOne() throws Exception {
    Path original = work.resolve("original");
    List<Long> ends = new ArrayList<>();
    try (SpoolBench bench = new SpoolBench(original, clock).open()) {
      for (int flush = 0; flush < 3; flush++) {
        bench.record();
        bench.flush();
        ends.add(Files.size(bench.directory.resolve("2026-W47/records.open")));
      }
    }
    Random random = new Random(17);
    for (long at = ends.get(0); at < ends.get(2); at++) {
      Path damaged = copy(original, work.resolve("damaged"));
      Path file = damaged.resolve("spool/2026-W47/records.open");
      byte[] bytes = Files.readAllBytes(file);
      bytes[(int) at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, bytes);
      assertRecords(damaged, at < ends.get(1) ? 1 : 2, "bit flipped at " + at);
    }
  }

  @Test
  void makesAValidArchiveWhereverTheJournalIsTorn() throws Exception {
    Path original = work.resolve("original");
    try (SpoolBench bench = new SpoolBench(original, clock).smallSegments().open()) {
      bench.record();
      bench.flush();
      offer(bench, "a", 100);
      bench.flush();
      clock.advance(Duration.ofHours(1)); // seals the first record segment
      bench.record();
      bench.flush();
      offer(bench, "b", 700_000); // seals the files, and is two slices
      bench.flush();
      offer(bench, "c", 300);
      bench.flush();
    }
    long length = Files.size(original.resolve("spool/2026-W47/journal"));
    int most = 0;
    for (long cut = 0; cut <= length; cut++) {
      Path torn = copy(original, work.resolve("torn"));
      try (FileChannel channel =
          FileChannel.open(torn.resolve("spool/2026-W47/journal"), StandardOpenOption.WRITE)) {
        channel.truncate(cut);
      }
      try (SpoolBench bench = new SpoolBench(torn, clock).open()) {
        for (var name : bench.seal()) {
          SealedArchive archive = bench.spool.archives().open(name);
          for (int i = 0; i < archive.manifest().segments().count(); i++) {
            assertTrue(archive.isIntact(i), "segment " + i + ", journal cut at " + cut);
          }
          most = Math.max(most, archive.manifest().members());
        }
      }
    }
    assertEquals(5, most);
  }

  @Test
  void takesFilesOfAPartTornAnywhereExactlyOnce() throws Exception {
    Path original = work.resolve("original");
    List<FileChange> changes = new ArrayList<>();
    try (SpoolBench bench = new SpoolBench(original, clock).smallSegments().open()) {
      changes.add(offer(bench, "a", 100));
      bench.flush();
      changes.add(offer(bench, "b", 700_000));
      bench.flush();
      changes.add(offer(bench, "c", 300));
      bench.flush();
    }
    long length = Files.size(original.resolve("spool/2026-W47/journal"));
    Random random = new Random(23);
    for (int round = 0; round < 60; round++) {
      Path torn = copy(original, work.resolve("torn"));
      long cut = random.nextLong(length);
      try (FileChannel channel =
          FileChannel.open(torn.resolve("spool/2026-W47/journal"), StandardOpenOption.WRITE)) {
        channel.truncate(cut);
      }
      try (SpoolBench bench = new SpoolBench(torn, clock).open()) {
        for (FileChange change : changes) {
          if (bench.spool.ask(change) == Answer.NEW) {
            assertTrue(bench.spool.offer(change));
          }
        }
        SealedArchive archive = bench.sealOne();
        assertEquals(3, archive.manifest().members(), "journal cut at " + cut);
      }
    }
  }

  @Test
  void finishesARenameThatTheCrashPrevented() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      bench.flush();
      clock.advance(Duration.ofHours(1));
      bench.spool.wake();
      Path part = bench.directory.resolve("2026-W47");
      SpoolBench.until(() -> !Files.exists(part.resolve("records.open")), "the hour's sealing");
      bench.spool.close();
      try (Stream<Path> files = Files.list(part)) {
        Path sealed = files.filter(f -> f.toString().endsWith(".seg")).findFirst().orElseThrow();
        Files.move(sealed, part.resolve("records.open"));
      }
      bench.open();
      bench.record();
      SealedArchive archive = bench.sealOne();
      assertEquals(2, archive.manifest().members());
      assertEquals(2, SpoolBench.lines(SpoolBench.unpack(archive, work)).size());
    }
  }

  @Test
  void continuesASegmentWhoseSealingDidNotReachTheJournal() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      bench.flush();
      clock.advance(Duration.ofHours(1));
      bench.spool.wake();
      Path part = bench.directory.resolve("2026-W47");
      SpoolBench.until(() -> !Files.exists(part.resolve("records.open")), "the hour's sealing");
      bench.spool.close();
      try (Stream<Path> files = Files.list(part)) {
        Path sealed = files.filter(f -> f.toString().endsWith(".seg")).findFirst().orElseThrow();
        Files.move(sealed, part.resolve("records.open")); // with header and padding
      }
      Path journal = part.resolve("journal");
      List<String> lines = Files.readAllLines(journal);
      Files.write(journal, lines.subList(0, lines.size() - 1));
      assertTrue(lines.get(lines.size() - 1).contains("\"records\""));
      bench.open();
      SealedArchive archive = bench.sealOne();
      assertEquals(1, SpoolBench.lines(SpoolBench.unpack(archive, work)).size());
    }
  }

  @Test
  void sealsThePartOfAnOlderPeriodAndTellsTheTimeOffOnce() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      bench.flush();
      bench.spool.close();
      Instant stopped = Instant.now(); // the files' times are the system's
      clock.set(stopped.plus(Duration.ofDays(21)).toString());
      bench.open();
      SpoolBench.until(() -> bench.spool.status().archivesWaiting() == 1, "the old archive");
      assertEquals("2026-W47", bench.spool.archives().names().get(0).toString());
      bench.record();
      bench.seal();
      var names = bench.spool.archives().names();
      SealedArchive next = bench.spool.archives().open(names.get(names.size() - 1));
      assertEquals("2026-W50", next.name().toString());
      List<Duration> off = new ArrayList<>();
      bench
          .spool
          .archives()
          .open(
              next.name(),
              new ManifestVisitor() {
                @Override
                public void gap(
                    Instant from, Instant to, String who, String why, long records, String detail) {
                  assertEquals("agent off", who + " " + why);
                  off.add(Duration.between(from, to));
                }
              });
      assertEquals(1, off.size());
      assertEquals(21, off.get(0).plusHours(1).toDays());
    }
  }

  @Test
  void endsPartsThatACrashLeftOpenSideBySide() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      bench.flush();
      bench.spool.close();
      // The crash came after the next part was made and before the older one was ended.
      OpenPart.create(
              bench.directory,
              SpoolBench.DEVICE,
              "2026-W47.2",
              clock.now(),
              Instant.parse("2026-11-23T00:00:00Z"))
          .close();
      bench.open();
      SpoolBench.until(() -> bench.spool.status().archivesWaiting() == 1, "the older archive");
      assertEquals("2026-W47.2", bench.spool.status().openPart());
    }
  }

  @Test
  void carriesGapsOfAnEmptyPartIntoTheNextOne() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock)) {
      bench.settings = bench.settings.withPeriod(PeriodRule.every(Duration.ofSeconds(20)));
      bench.open();
      bench.spool.gap(clock.now(), clock.now().plusSeconds(5), "disk", "timeout", -1, "");
      bench.flush();
      for (int i = 0; i < 3; i++) {
        String before = bench.spool.status().openPart();
        clock.advance(Duration.ofSeconds(20));
        bench.spool.wake();
        SpoolBench.until(() -> !bench.spool.status().openPart().equals(before), "the next part");
      }
      bench.record();
      SealedArchive archive = bench.sealOne();
      assertEquals(1, archive.manifest().gaps());
      assertEquals(List.of(archive.name()), bench.spool.archives().names());
    }
  }

  @Test
  void finishesADeletionThatTheCrashPrevented() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      SealedArchive archive = bench.sealOne();
      bench.spool.close();
      Files.move(
          bench.directory.resolve(archive.name().toString()),
          bench.directory.resolve(".deleting-" + archive.name()));
      bench.open();
      assertEquals(List.of(), bench.spool.archives().names());
      assertTrue(Files.notExists(bench.directory.resolve(".deleting-" + archive.name())));
    }
  }

  @Test
  void losesOneLineOfADamagedJournalAndSaysSo() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      bench.flush();
      offer(bench, "a", 100);
      bench.flush();
      offer(bench, "b", 100);
      bench.flush();
      bench.spool.close();
      Path journal = bench.directory.resolve("2026-W47/journal");
      String text = Files.readString(journal);
      Files.writeString(journal, text.replaceFirst("/a\"", "/X\""));
      bench.open();
      SealedArchive archive = bench.sealOne();
      assertEquals(2, archive.manifest().members());
      assertTrue(archive.manifest().gaps() >= 1);
    }
  }

  @Test
  void takesFilesAgainWhoseBytesWereDamagedInTheOpenSegment() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      FileChange first = offer(bench, "a", 1000);
      bench.flush();
      FileChange second = offer(bench, "b", 1000);
      bench.flush();
      bench.spool.close();
      Path open = bench.directory.resolve("2026-W47/files.open");
      byte[] bytes = Files.readAllBytes(open);
      bytes[bytes.length * 3 / 4] ^= 4;
      Files.write(open, bytes);
      bench.open();
      assertEquals(Answer.TAKEN, bench.spool.ask(first));
      assertEquals(Answer.NEW, bench.spool.ask(second));
      bench.spool.offer(second);
      SealedArchive archive = bench.sealOne();
      assertEquals(2, archive.manifest().members());
      SpoolBench.unpack(archive, work);
    }
  }

  private FileChange offer(SpoolBench bench, String name, int size) throws IOException {
    Path file = source.resolve(name);
    if (!Files.exists(file)) {
      byte[] bytes = new byte[size];
      new Random(size).nextBytes(bytes);
      Files.write(file, bytes);
    }
    FileChange change = SpoolBench.change("f", file);
    assertTrue(bench.spool.offer(change));
    return change;
  }

  private void assertRecords(Path root, int wanted, String what) throws Exception {
    try (SpoolBench bench = new SpoolBench(root, clock).open()) {
      assertEquals(wanted, bench.spool.status().records(), what);
      assertTrue(bench.record("after value=1i 1"), what);
      SealedArchive archive = bench.sealOne();
      assertEquals(
          (long) wanted + 1, archive.manifest().counters().get("records").longValue(), what);
      assertTrue(archive.isIntact(0), what);
    }
  }

  private static Path copy(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      try (Stream<Path> old = Files.walk(to)) {
        for (Path path : old.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : tree.toList()) {
        Files.copy(
            path, to.resolve(from.relativize(path).toString()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    return to;
  }
}
