package io.pifleet.agent.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small rules that decide when an archive travels, and where to. */
final class WhenAndWhereTest {
  @ParameterizedTest
  @CsvSource({
    "attic:7433, attic, 7433",
    "attic, attic, 7433",
    "192.0.2.7:80, 192.0.2.7, 80",
    "[2001:db8::7]:80, 2001:db8::7, 80",
    "[fe80::1%eth0], fe80::1%eth0, 7433"
  })
  void readsAddresses(String text, String host, int port) {
    assertEquals(Optional.of(new CollectorAddress(host, port)), CollectorAddress.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":7433",
        "attic:",
        "attic:0",
        "attic:65536",
        "attic:1x",
        "2001:db8::7",
        "[attic]:80",
        "[2001:db8::7",
        "at tic:80",
        "[2001:db8::7]80",
        "]:80"
      })
  void refusesWhatIsNoAddress(String text) {
    assertEquals(Optional.empty(), CollectorAddress.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "01:00-05:00, 2026-11-20T03:00:00Z, PT0S",
    "01:00-05:00, 2026-11-20T05:00:00Z, PT20H",
    "22:30-06:00, 2026-11-20T23:00:00Z, PT0S",
    "22:30-06:00, 2026-11-20T05:59:00Z, PT0S",
    "22:30-06:00, 2026-11-20T12:30:00Z, PT10H",
    "always, 2026-11-20T12:30:00Z, PT0S"
  })
  void aWindowSaysHowLongUntilItIsOpen(String window, String now, String wait) {
    assertEquals(
        Duration.parse(wait),
        UploadWindow.parse(window).orElseThrow().untilOpen(ZonedDateTime.parse(now)));
  }

  @Test
  void everyWaitIsSpreadAndNoneIsLongerThanTheCap() {
    Backoff backoff = new Backoff(new Random(1));
    Duration longest = Backoff.FIRST;
    Set<Duration> waits = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      Duration wait = backoff.failed();
      waits.add(wait);
      assertTrue(wait.compareTo(longest.dividedBy(2)) >= 0, wait + " is at least half of its step");
      assertTrue(wait.compareTo(longest) <= 0, wait + " is at most its step");
      longest = longest.multipliedBy(2);
      longest = longest.compareTo(Backoff.CAP) > 0 ? Backoff.CAP : longest;
    }
    assertTrue(waits.size() > 30, "spread: " + waits);
    backoff.succeeded();
    assertTrue(backoff.failed().compareTo(Backoff.FIRST) <= 0);
  }

  @Test
  void comesBackAfterTheTimeThatABusyCollectorNamed() {
    Backoff backoff = new Backoff(new Random(1));
    for (int i = 0; i < 40; i++) {
      long seconds = backoff.busy(Duration.ofSeconds(100)).toSeconds();
      assertTrue(seconds >= 100 && seconds <= 125, seconds + " s");
    }
  }

  @Test
  void devicesAreSpreadOverTheWindowAndEachKeepsItsPlace() {
    Duration window = Duration.ofHours(1);
    Duration week = Duration.ofDays(7);
    int[] quarters = new int[4];
    for (int i = 0; i < 4000; i++) {
      Duration place = Splay.of("pi-" + i, window, week);
      assertEquals(place, Splay.of("pi-" + i, window, week));
      quarters[(int) (place.toMinutes() / 15)]++;
    }
    for (int devices : quarters) {
      assertTrue(devices > 800, "about a quarter of 4000 in each quarter of an hour: " + devices);
    }
  }

  @Test
  void aShortPeriodHasAShortSplay() {
    for (int i = 0; i < 100; i++) {
      Duration place = Splay.of("pi-" + i, Duration.ofHours(1), Duration.ofSeconds(20));
      assertTrue(place.compareTo(Duration.ofSeconds(2)) <= 0, place.toString());
    }
  }

  @Test
  void theFirstCollectorThatIsPinnedStaysPinned(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("collector");
    PinnedCollector pinned = PinnedCollector.load(file);
    assertEquals(Optional.empty(), pinned.id());
    pinned.pin("attic-1");
    pinned.pin("impostor-2");
    assertEquals(Optional.of("attic-1"), pinned.id());
    assertEquals(Optional.of("attic-1"), PinnedCollector.load(file).id());
  }

  @Test
  void aDamagedPinIsAnErrorAndNotAFreshStart(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("collector");
    Files.writeString(file, "\0\0\0");
    IOException refused = assertThrows(IOException.class, () -> PinnedCollector.load(file));
    assertTrue(refused.getMessage().contains("delete it to start over"), refused.getMessage());
  }
}
