package io.pifleet.collector.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pifleet.collector.TestArchive;
import io.pifleet.collector.store.StoreEvent.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RetentionTest {
  @TempDir private Path directory;
  private StoreFixture fixture;

  /** Three archives of one device and one of another, a day between them. */
  @BeforeEach
  void fill() throws IOException {
    fixture = new StoreFixture(directory);
    for (int day = 0; day < 3; day++) {
      at(day);
      fixture.open();
      fixture.receive(TestArchive.small("pi-1", "2026-W4" + day, day));
      if (day == 0) {
        fixture.receive(TestArchive.small("pi-2", "2026-W40", 9));
      }
      fixture.close();
    }
    fixture.open();
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  @Test
  void deletesNothingUnlessItIsToldTo() throws IOException {
    assertEquals(0, retention(Optional.empty(), OptionalLong.empty()).run());
    assertEquals(12, fixture.fileNames().size());
  }

  @Test
  void deletesWhatWasReceivedTooLongAgo() throws IOException {
    assertEquals(2, retention(Optional.of(Duration.ofHours(20)), OptionalLong.empty()).run());
    assertEquals(
        List.of(
            "pi-1/2026-W42.manifest.json",
            "pi-1/2026-W42.receipt.json",
            "pi-1/2026-W42.tar.zst",
            "pi-2/2026-W40.manifest.json",
            "pi-2/2026-W40.receipt.json",
            "pi-2/2026-W40.tar.zst"),
        fixture.fileNames());
    assertEquals(List.of(Kind.DELETED, Kind.DELETED), fixture.eventKinds());
    assertEquals("archive 2026-W40: retention", fixture.events.get(0).text());
    assertEquals(2, fixture.archives().size());
  }

  @Test
  void keepsTheNewestArchiveHoweverOldItIs() throws IOException {
    at(2 + 30);
    assertEquals(2, retention(Optional.of(Duration.ofDays(1)), OptionalLong.empty()).run());
    assertEquals(1, fixture.catalog.names("pi-1").size());
    assertEquals(1, fixture.catalog.names("pi-2").size());
  }

  @Test
  void deletesNothingByAgeWhenItsClockIsLikelyWrong() throws IOException {
    at(5 * 365);
    Retention retention = retention(Optional.of(Duration.ofDays(400)), OptionalLong.empty());
    assertEquals(0, retention.run());
    assertEquals(12, fixture.fileNames().size());
    assertEquals(
        "retention.max-age deletes nothing: by this clock it is 2031-11-22T03:12:45Z, and the"
            + " newest archive was received 2026-11-25T03:12:45Z, more than 30 days before; check"
            + " the clock",
        retention.clockProblem().orElseThrow());
  }

  @Test
  void deletesWhatIsTooMuchWhateverTheClockSays() throws IOException {
    at(5 * 365);
    assertEquals(2, retention(Optional.of(Duration.ofDays(400)), OptionalLong.of(1)).run());
  }

  @Test
  void believesItsClockWhileArchivesKeepComing() throws IOException {
    at(2 + 30);
    Optional<Duration> maxAge = Optional.of(Duration.ofDays(400));
    assertEquals(Optional.empty(), retention(maxAge, OptionalLong.empty()).clockProblem());
    at(2 + 31);
    assertEquals(Optional.empty(), retention(Optional.empty(), OptionalLong.of(1)).clockProblem());
  }

  @Test
  void deletesTheOldestOfADeviceThatHasTooMuch() throws IOException {
    long bytes = fixture.catalog.byAge("pi-1").get(0).bytes();
    assertEquals(1, retention(Optional.empty(), OptionalLong.of(bytes * 5 / 2)).run());
    assertEquals(
        List.of("2026-W41", "2026-W42"),
        fixture.catalog.names("pi-1").stream().map(StoredName::toString).toList());
  }

  @Test
  void keepsTheNewestArchiveHoweverLargeItIs() throws IOException {
    assertEquals(2, retention(Optional.empty(), OptionalLong.of(1)).run());
    assertEquals(1, fixture.catalog.names("pi-1").size());
    assertEquals(1, fixture.catalog.names("pi-2").size());
  }

  private Retention retention(Optional<Duration> maxAge, OptionalLong maxBytes) {
    return new Retention(fixture.store, fixture.catalog, maxAge, maxBytes, fixture.clock);
  }

  private void at(int day) {
    fixture.clock = Clock.fixed(StoreFixture.NOW.plus(Duration.ofDays(day)), ZoneOffset.UTC);
  }
}
