package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLoopTest {
  @TempDir Path work;

  private final ManualClock clock = new ManualClock("2026-11-20T07:10:00Z");

  @Test
  void saysWhichFileItWaitsForWhenReadingDoesNotMove() throws Exception {
    CountDownLatch alive = new CountDownLatch(1);
    SpoolSettings settings = new SpoolBench(work, clock).settings;
    Path directory = Files.createDirectories(settings.directory());
    SpaceProbe probe = SpaceProbe.of(work);
    TakenChanges taken = TakenChanges.load(directory.resolve("taken"));
    FileIntake intake = new FileIntake(taken, clock);
    GapBook gaps = new GapBook();
    Parts parts =
        new Parts(directory, SpoolBench.DEVICE, PartNames.load(directory.resolve("names")));
    SpoolSpace space = new SpoolSpace(settings, SealedArchives.in(directory), parts, gaps, probe);
    try (FrameEncoder encoder = new FrameEncoder();
        OpenPart part = parts.openNext(settings.period().at(clock.now()), clock.now())) {
      FileLoop loop =
          new FileLoop(
              settings,
              clock,
              intake,
              gaps,
              parts,
              encoder,
              space,
              taken,
              SpoolListener.NONE,
              change -> openWhenAlive(change, alive),
              SpoolBench.DEVICE,
              "test");
      loop.start(
          new RecordLoop(
              settings, clock, new RecordQueue(clock), gaps, parts, encoder, space, intake));
      Path file = Files.writeString(work.resolve("on-a-dead-disk"), "x");
      Thread thread = new Thread(loop, "files");
      thread.start();
      try {
        assertTrue(intake.offer(SpoolBench.change("test", file)));
        SpoolBench.until(() -> loop.inHand().isPresent(), "the file in hand");
        clock.advance(Duration.ofSeconds(299));
        assertEquals(Optional.empty(), loop.problem());
        clock.advance(Duration.ofSeconds(1));
        assertEquals(
            "reading " + file + " has not moved for 5 min: no archive can be sealed",
            loop.problem().orElseThrow());
        alive.countDown();
        SpoolBench.until(() -> loop.inHand().isEmpty(), "the end of the file");
        assertEquals(Optional.empty(), loop.problem());
      } finally {
        alive.countDown();
        loop.stop();
        thread.join(SpoolBench.PATIENCE.toMillis());
      }
      assertEquals(1, part.files());
    }
  }

  @Test
  void tellsOnceThatAFileCannotBeOpened() throws Exception {
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      // Longer than a name may be: an error even for root.
      FileChange change = new FileChange("logs", work.resolve("x".repeat(256)), 1, 2, 3);
      FileChange vanished = new FileChange("logs", work.resolve("gone"), 2, 2, 3);
      for (int scan = 0; scan < 2; scan++) {
        assertTrue(bench.spool.offer(change));
        assertTrue(bench.spool.offer(vanished));
        bench.flush();
      }
      assertEquals(Answer.TAKEN, bench.spool.ask(change));
      assertEquals(Answer.NEW, bench.spool.ask(vanished));
      List<String> told = new ArrayList<>();
      bench
          .spool
          .archives()
          .open(
              bench.sealOne().name(),
              new ManifestVisitor() {
                @Override
                public void gap(
                    Instant from, Instant to, String who, String why, long lost, String detail) {
                  told.add(who + " " + why + " " + detail);
                }
              });
      assertEquals(1, told.size(), told.toString());
      assertTrue(told.get(0).startsWith("logs read-error cannot be opened: "), told.get(0));
    }
  }

  private static SourceFile openWhenAlive(FileChange change, CountDownLatch alive)
      throws IOException {
    try {
      alive.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return SourceFile.open(change);
  }
}
