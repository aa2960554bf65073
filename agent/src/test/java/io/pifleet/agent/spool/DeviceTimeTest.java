package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.ManifestVisitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceTimeTest {
  private static final String BOOT = "00000000-0000-4000-8000-000000000001";

  @TempDir Path work;

  @Test
  void keepsRecordsWithoutAKnownTimeApartAndSaysHowToCorrectThem() throws Exception {
    ManualClock clock = new ManualClock("1970-01-01T00:00:30Z").unknown();
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      assertEquals("", bench.spool.status().openPart());
      bench.record();
      bench.flush();
      clock.advance(Duration.ofMinutes(1));
      bench.record();
      clock.set("2026-11-20T07:10:00Z"); // it was 1970-01-01T00:01:31Z
      bench.record();
      bench.flush();
      assertEquals("2026-W47", bench.spool.status().openPart());
      SealedArchive archive = bench.sealOne();
      Path unpacked = SpoolBench.unpack(archive, work);
      assertEquals(
          List.of("n value=0i 30000000000", "n value=1i 91000000000"),
          Files.readAllLines(unpacked.resolve("metrics/boot-" + BOOT + "-1.lp")));
      assertEquals(
          List.of("n value=2i 1795158600000000000"),
          Files.readAllLines(unpacked.resolve("metrics/2026-11-20T07.lp")));
      long step =
          Duration.between(
                  Instant.parse("1970-01-01T00:01:31Z"), Instant.parse("2026-11-20T07:10:00Z"))
              .toNanos();
      assertEquals(List.of(BOOT + " true " + step), clocks(bench, archive));
      assertEquals(Instant.parse("2026-11-20T07:08:59Z"), archive.manifest().from());
    }
  }

  @Test
  void remembersTheBaseOfTheCorrectionAcrossARestartInTheSameBoot() throws Exception {
    ManualClock clock = new ManualClock("1970-01-01T00:00:30Z").unknown();
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      bench.flush();
      bench.spool.close();
      clock.set("1970-01-01T01:00:31Z"); // an hour was added while nobody looked
      bench.open();
      bench.flush();
      SealedArchive archive = bench.sealOne();
      assertEquals(
          List.of(BOOT + " true " + Duration.ofHours(1).toNanos()), clocks(bench, archive));
    }
  }

  @Test
  void endsNoPeriodWhileTheTimeIsNotKnown() throws Exception {
    ManualClock clock = new ManualClock("2026-11-20T07:10:00Z");
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      bench.flush();
      bench.spool.close();
      clock.advance(Duration.ofDays(30));
      clock.unknown().boot("00000000-0000-4000-8000-000000000002");
      bench.open();
      bench.record();
      bench.flush();
      assertEquals("2026-W47", bench.spool.status().openPart());
      SealedArchive archive = bench.sealOne();
      assertTrue(clocks(bench, archive).contains("00000000-0000-4000-8000-000000000002 false 0"));
    }
  }

  @Test
  void cutsTimeIntoIsoWeeksInUtc() {
    PeriodRule week = PeriodRule.isoWeek();
    assertEquals("2026-W53", week.at(Instant.parse("2027-01-03T23:59:59Z")).name());
    assertEquals("2027-W01", week.at(Instant.parse("2027-01-04T00:00:00Z")).name());
    assertEquals(
        Instant.parse("2026-12-28T00:00:00Z"),
        week.at(Instant.parse("2027-01-01T12:00:00Z")).start());
    assertEquals("1970-W01", week.at(Instant.parse("1969-06-01T00:00:00Z")).name());
  }

  @Test
  void cutsTimeIntoEqualLengthsCountedFrom1970() {
    Period period =
        PeriodRule.every(Duration.ofSeconds(20)).at(Instant.parse("2026-11-20T07:34:39Z"));
    assertEquals("20261120T073420Z", period.name());
    assertEquals(Instant.parse("2026-11-20T07:34:40Z"), period.end());
    assertThrows(IllegalArgumentException.class, () -> PeriodRule.every(Duration.ofMillis(5500)));
    assertThrows(IllegalArgumentException.class, () -> PeriodRule.every(Duration.ofSeconds(4)));
  }

  @Test
  void coversTimeWithoutOverlapFromPartToPart() throws Exception {
    ManualClock clock = new ManualClock("2026-11-20T07:10:05Z");
    try (SpoolBench bench = new SpoolBench(work, clock)) {
      bench.settings = bench.settings.withPeriod(PeriodRule.every(Duration.ofSeconds(20)));
      bench.open();
      Instant end = clock.now();
      for (int i = 0; i < 5; i++) {
        bench.record();
        bench.flush();
        clock.advance(Duration.ofSeconds(7));
        SealedArchive archive = bench.sealOne();
        assertEquals(end, archive.manifest().from());
        end = archive.manifest().to();
        bench.spool.wake();
      }
    }
  }

  @Test
  void comesBackFromAPeriodThatAWrongClockHasOpened() throws Exception {
    ManualClock clock = new ManualClock("2026-11-20T07:10:00Z");
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      bench.flush();
      clock.set("2038-01-19T03:14:07Z");
      bench.record();
      bench.flush();
      assertEquals("2038-W03", bench.spool.status().openPart());
      clock.set("2026-11-20T07:20:00Z");
      bench.record();
      bench.flush();
      assertEquals("2026-W47.2", bench.spool.status().openPart());
      bench.seal();
      ArchiveName after = new ArchiveName("2026-W47", 2);
      assertEquals(
          Instant.parse("2026-11-20T07:20:01Z"),
          bench.spool.archives().open(after).manifest().from());
      assertEquals(
          List.of("2026-W47", "2026-W47.2", "2038-W03"),
          bench.spool.archives().names().stream().map(Object::toString).toList());
    }
  }

  @Test
  void staysInItsPartWhileTheClockIsOnlyCorrectedOrHasForgotten() throws Exception {
    ManualClock clock = new ManualClock("2026-11-23T00:00:05Z");
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      for (String time : List.of("2026-11-22T23:59:58Z", "1970-01-01T00:00:09Z")) {
        bench.record();
        bench.flush();
        clock.set(time);
        bench.record();
        bench.flush();
        assertEquals("2026-W48", bench.spool.status().openPart());
      }
    }
  }

  private static List<String> clocks(SpoolBench bench, SealedArchive archive) throws IOException {
    List<String> clocks = new ArrayList<>();
    bench
        .spool
        .archives()
        .open(
            archive.name(),
            new ManifestVisitor() {
              @Override
              public void clock(String boot, boolean known, long correctionNanos) {
                clocks.add(boot + " " + known + " " + correctionNanos);
              }
            });
    return clocks;
  }
}
