package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.agent.plugin.FileSink.Answer;
import io.pifleet.protocol.archive.ManifestVisitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolLimitsTest {
  @TempDir Path work;

  private final ManualClock clock = new ManualClock("2026-11-20T07:10:00Z");
  private final Random random = new Random(31);

  @Test
  void journalsNothingForASegmentThatCannotBeOpened() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      Path part = bench.directory.resolve("2026-W47");
      Path inTheWay = Files.createDirectory(part.resolve(SpoolFiles.RECORDS));
      bench.record();
      bench.clock.advance(Duration.ofSeconds(2));
      bench.spool.wake();
      SpoolBench.until(() -> bench.spool.problem().isPresent(), "a failure");
      assertFalse(
          Files.readString(part.resolve(SpoolFiles.JOURNAL))
              .contains(JournalEntry.RecordsOpened.KIND));
      Files.delete(inTheWay);
      bench.flush();
      assertEquals(Optional.empty(), bench.spool.problem());
      assertEquals(1, bench.sealOne().manifest().counters().get("records"));
    }
  }

  @Test
  void dropsTheOldestArchiveForNewDataAndSaysSo() throws Exception {
    try (SpoolBench bench = limited(WhenFull.DROP_OLDEST).open()) {
      for (int i = 0; i < 4; i++) {
        offerNoise(bench, "file-" + i, 1 << 20);
        bench.seal();
      }
      List<String> names = new ArrayList<>();
      bench.spool.archives().names().forEach(name -> names.add(name.toString()));
      assertEquals(List.of("2026-W47.3", "2026-W47.4"), names);
      assertTrue(bench.spool.status().bytes() <= bench.settings.maxBytes());
      bench.record();
      SealedArchive archive = bench.sealOne();
      List<String> gaps = gaps(bench, archive);
      List<String> told = new ArrayList<>(gaps);
      for (var name : bench.spool.archives().names()) {
        told.addAll(gaps(bench, bench.spool.archives().open(name)));
      }
      for (String part : List.of("2026-W47 ", "2026-W47.2 ")) {
        assertTrue(
            told.stream().anyMatch(gap -> gap.contains("quota archive " + part + "was dropped")),
            told.toString());
      }
    }
  }

  @Test
  void refusesNewDataWhenItMayNotDropAndCountsIt() throws Exception {
    try (SpoolBench bench = limited(WhenFull.DROP_NEWEST).open()) {
      offerNoise(bench, "a", 1 << 20);
      bench.seal();
      offerNoise(bench, "b", 1 << 20);
      bench.seal();
      FileChange refused = offerNoise(bench, "c", 1 << 20);
      SpoolBench.until(() -> bench.spool.ask(refused) == Answer.NEW, "the refusal");
      bench.settings = bench.settings.withLimits(2_000_000, 0, 0, WhenFull.DROP_NEWEST);
      bench.spool.reconfigure(bench.settings);
      bench.flush();
      assertFalse(bench.record());
      assertFalse(bench.record());
      assertEquals(2, bench.spool.status().recordsLost());
      assertTrue(bench.spool.status().problem().orElseThrow().contains("max-bytes"));

      bench.settings = bench.settings.withLimits(1L << 30, 0, 0, WhenFull.DROP_NEWEST);
      bench.spool.reconfigure(bench.settings);
      bench.flush();
      assertTrue(bench.record());
      assertTrue(bench.spool.offer(refused));
      SealedArchive archive = bench.sealOne();
      assertEquals(2, archive.manifest().members());
      assertTrue(
          gaps(bench, archive).stream().anyMatch(gap -> gap.startsWith("test quota")),
          gaps(bench, archive).toString());
    }
  }

  @Test
  void leavesBytesAndInodesToOthers() throws Exception {
    long[] free = {64L << 20, 5_000};
    SpoolBench bench = new SpoolBench(work, clock);
    bench.settings = bench.settings.withLimits(1L << 40, 4L << 20, 1000, WhenFull.PAUSE);
    bench.probe =
        new SpaceProbe() {
          @Override
          public long usableBytes() {
            return free[0];
          }

          @Override
          public long freeInodes() {
            return free[1];
          }
        };
    try (bench) {
      bench.open();
      assertTrue(bench.record());
      bench.flush();
      free[1] = 999;
      bench.flush();
      assertFalse(bench.record());
      assertTrue(bench.spool.problem().orElseThrow().contains("min-free-inodes"));
      free[1] = 1000;
      bench.flush();
      assertTrue(bench.record());
      free[0] = (4L << 20) - 1;
      bench.flush();
      assertFalse(bench.record());
      free[0] = 5L << 20; // not enough to go on: no flapping
      bench.flush();
      assertFalse(bench.record());
      free[0] = 64L << 20;
      bench.flush();
      assertTrue(bench.record());
    }
  }

  @Test
  void countsWhatDoesNotFitIntoTheQueue() throws Exception {
    SpoolBench bench = new SpoolBench(work, clock);
    bench.spool =
        Spool.open(
            bench.settings, clock, SpoolBench.DEVICE, "test", SpoolListener.NONE, bench.probe);
    try (bench) { // not started: nobody takes from the queue
      int accepted = 0;
      while (bench.record()) {
        accepted++;
      }
      assertFalse(bench.record());
      assertTrue(accepted > 5000, "accepted " + accepted);
      assertEquals(2, bench.spool.status().recordsLost());
      bench.spool.start();
      SealedArchive archive = bench.sealOne();
      assertEquals((long) accepted, archive.manifest().counters().get("records").longValue());
      assertEquals(List.of("test queue-full "), gaps(bench, archive));
    }
  }

  @Test
  void survivesAFullDiskAndGoesOnWhenThereIsRoomAgain() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount a tmpfs");
    Path disk = Files.createDirectories(work.resolve("disk"));
    Process mount =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=3m", "none", disk.toString())
            .start();
    assumeTrue(mount.waitFor() == 0, "mount is not allowed here");
    SpoolBench bench = new SpoolBench(disk, clock);
    bench.probe = unlimited(); // the limits stay out of this: the write itself fails
    try (bench) {
      bench.open();
      assertTrue(bench.record());
      bench.flush();
      Path hog = disk.resolve("hog");
      fill(hog);
      for (int i = 0; i < 4000; i++) {
        assertTrue(bench.record("noise text=\"" + random.nextLong() + "\" 1"));
      }
      FileChange change = offerNoise(bench, "f", 200_000);
      bench.spool.wake();
      SpoolBench.until(() -> bench.spool.problem().isPresent(), "the problem");
      assertTrue(bench.record(), "memory has room yet");
      Files.delete(hog);
      SpoolBench.until(
          () -> {
            bench.clock.advance(java.time.Duration.ofSeconds(1));
            bench.spool.wake();
            return bench.spool.problem().isEmpty() && bench.spool.isSettledRecords();
          },
          "the end of the problem");
      if (bench.spool.ask(change) == Answer.NEW) {
        bench.spool.offer(change);
      }
      SealedArchive archive = bench.sealOne();
      Path unpacked = SpoolBench.unpack(archive, work);
      assertEquals(4002, SpoolBench.lines(unpacked).size());
      assertEquals(-1, Files.mismatch(change.path(), unpacked.resolve("files/f" + change.path())));
    } finally {
      // Lazily: a mapped manifest holds the file system until the collector comes by.
      SpoolBench.run("umount", "-l", disk.toString());
    }
  }

  private static SpaceProbe unlimited() {
    return new SpaceProbe() {
      @Override
      public long usableBytes() {
        return Long.MAX_VALUE;
      }

      @Override
      public long freeInodes() {
        return Long.MAX_VALUE;
      }
    };
  }

  private SpoolBench limited(WhenFull reaction) {
    SpoolBench bench = new SpoolBench(work, clock);
    bench.settings = bench.settings.withLimits(5 << 19, 0, 0, reaction);
    return bench;
  }

  private FileChange offerNoise(SpoolBench bench, String name, int size) throws IOException {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    Path file = Files.write(work.resolve(name), bytes);
    FileChange change = SpoolBench.change("f", file);
    assertTrue(bench.spool.offer(change));
    return change;
  }

  private static void fill(Path file) {
    try (var stream = Files.newOutputStream(file)) {
      while (true) {
        stream.write(new byte[4096]);
      }
    } catch (IOException e) {
      // the disk is full now
    }
  }

  private static List<String> gaps(SpoolBench bench, SealedArchive archive) throws IOException {
    List<String> gaps = new ArrayList<>();
    bench
        .spool
        .archives()
        .open(
            archive.name(),
            new ManifestVisitor() {
              @Override
              public void gap(
                  Instant from, Instant to, String who, String why, long records, String detail) {
                gaps.add(who + " " + why + " " + detail);
              }
            });
    return gaps;
  }
}
