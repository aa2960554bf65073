package io.pifleet.collector.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.collector.store.StoredArchive;
import io.pifleet.collector.store.StoredName;
import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CatalogTest {
  private static final Instant NOW = Instant.parse("2026-11-23T03:12:45Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  @TempDir private Path directory;

  @Test
  void remembersArchivesAndFindsThemByTheirDigest() throws IOException {
    StoredArchive archive = archive("pi-1", "2026-W47", 0);
    try (Catalog catalog = open()) {
      catalog.stored(archive);
      catalog.stored(archive);
    }
    try (Catalog catalog = open()) {
      assertEquals(Optional.of(archive.name()), catalog.find("pi-1", archive.digest()));
      assertTrue(catalog.find("pi-2", archive.digest()).isEmpty());
      assertEquals(List.of(archive), catalog.byAge("pi-1"));
      assertEquals(new Catalog.Totals(1, 1, 1000), catalog.totals());
      catalog.removed("pi-1", archive.name());
      assertEquals(List.of(), catalog.devicesWithArchives());
      assertEquals(1, catalog.devices().size(), "the device is still known");
    }
  }

  @Test
  void saysWhyATransactionFailedWhenItWasRolledBackAlready() throws Exception {
    try (SqliteConnection sqlite =
        new SqliteConnection(DriverManager.getConnection("jdbc:sqlite::memory:"))) {
      IOException full = new IOException("the disk is full");
      IOException thrown =
          assertThrows(
              IOException.class,
              () ->
                  sqlite.atOnce(
                      () -> {
                        sqlite.change("ROLLBACK"); // as SQLite does by itself
                        throw full;
                      }));
      assertEquals(full, thrown);
    }
  }

  @Test
  void showsOfADeviceWhatCameLast() throws IOException {
    try (Catalog catalog = open()) {
      catalog.stored(archive("pi-1", "2026-W47", -100));
      catalog.stored(archive("pi-1", "2026-W46", -50));
      catalog.stored(archive("pi-1", "2026-W45", -200));
      catalog.seen("pi-1", "192.0.2.7");
      catalog.seen("pi-2", "192.0.2.8");
      assertEquals(
          List.of(
              new DeviceRow(
                  "pi-1",
                  NOW.minusSeconds(200),
                  NOW,
                  "192.0.2.7",
                  "0.1.0",
                  3,
                  3000,
                  "2026-W46",
                  NOW.minusSeconds(50)),
              new DeviceRow("pi-2", NOW, NOW, "192.0.2.8", "", 0, 0, "", null)),
          catalog.devices());
      assertEquals(1, catalog.lateDevices(NOW.minusSeconds(10)));
      assertEquals(0, catalog.lateDevices(NOW.minusSeconds(60)));
    }
  }

  @Test
  void keepsABoundedNumberOfDevicesWithoutArchives() throws IOException {
    try (Catalog catalog = open()) {
      catalog.stored(archive("pi-1", "2026-W47", -100));
      catalog.seen("a-stranger", "192.0.2.8");
    }
    Clock later = Clock.fixed(NOW.plusSeconds(60), ZoneOffset.UTC);
    try (Catalog catalog = CatalogFile.open(file(), later)) {
      for (int i = 0; i < Catalog.MAX_EMPTY_DEVICES; i++) {
        catalog.seen("stranger-" + i, "192.0.2.9");
      }
      List<String> ids = catalog.devices().stream().map(DeviceRow::id).toList();
      assertEquals(Catalog.MAX_EMPTY_DEVICES + 1, ids.size());
      assertTrue(ids.contains("pi-1"), "it has an archive");
      assertTrue(ids.contains("stranger-" + (Catalog.MAX_EMPTY_DEVICES - 1)), "it is the last");
      assertFalse(ids.contains("a-stranger"), "it is the oldest");
    }
  }

  @Test
  void remembersHowVerifyingWent() throws IOException {
    StoredArchive archive = archive("pi-1", "2026-W47", 0);
    try (Catalog catalog = open()) {
      catalog.stored(archive);
      catalog.verified("pi-1", archive.name(), 3);
      assertEquals(
          List.of(new ArchiveRow(archive, NOW, 3)), archives(catalog, Optional.of("pi-1")));
    }
  }

  @Test
  void keepsABoundedNumberOfEvents() throws IOException {
    try (Catalog catalog = open()) {
      for (int i = 0; i < Catalog.MAX_EVENTS + 50; i++) {
        catalog.event("refused", "pi-1", "event " + i);
      }
      List<EventRow> events = catalog.events(Integer.MAX_VALUE);
      assertEquals(Catalog.MAX_EVENTS, events.size());
      assertEquals("event " + (Catalog.MAX_EVENTS + 49), events.get(0).text());
      catalog.event("refused", "pi-1", "x".repeat(100_000));
      assertEquals(1024, catalog.events(1).get(0).text().length());
    }
  }

  @Test
  void startsAnewWhenTheFileIsDamagedOrOfAnotherVersion() throws Exception {
    Files.createDirectories(file().getParent());
    Files.write(file(), "this is no database, but long enough".getBytes(StandardCharsets.UTF_8));
    try (Catalog catalog = open()) {
      assertEquals(new Catalog.Totals(0, 0, 0), catalog.totals());
      catalog.stored(archive("pi-1", "2026-W47", 0));
    }
    assertTrue(Files.exists(Path.of(file() + ".unusable")));
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement()) {
      statement.execute("PRAGMA user_version = 99");
    }
    assertThrows(CatalogException.class, () -> CatalogFile.openReadOnly(file(), CLOCK).close());
    try (Catalog catalog = open()) {
      assertEquals(new Catalog.Totals(0, 0, 0), catalog.totals());
    }
  }

  @Test
  void noticesDamageWhileItRunsAndStartsAnewAfterwards() throws IOException {
    try (Catalog catalog = open()) {
      for (int i = 0; i < 300; i++) {
        catalog.stored(archive("pi-" + i, "2026-W47", i));
      }
    }
    byte[] bytes = Files.readAllBytes(file());
    Arrays.fill(bytes, 4096, bytes.length, (byte) 0x5a);
    Files.write(file(), bytes);
    try (Catalog catalog = CatalogFile.openBeside(file(), CLOCK)) {
      assertTrue(catalog.damage().isEmpty());
      assertThrows(CatalogException.class, catalog::devices);
      assertTrue(catalog.damage().isPresent());
    }
    try (Catalog catalog = open()) {
      assertEquals(new Catalog.Totals(0, 0, 0), catalog.totals());
      assertTrue(catalog.damage().isEmpty());
    }
  }

  @Test
  void isReadBesideTheOneThatWrites() throws IOException {
    try (Catalog writer = open()) {
      writer.stored(archive("pi-1", "2026-W47", 0));
      try (Catalog reader = CatalogFile.openReadOnly(file(), CLOCK)) {
        assertEquals(1, reader.totals().archives());
        writer.stored(archive("pi-1", "2026-W48", 1));
        assertEquals(2, reader.totals().archives());
        assertThrows(IOException.class, () -> reader.seen("pi-1", "x"));
      }
    }
    try (Catalog reader = CatalogFile.openReadOnly(file(), CLOCK)) {
      assertEquals(2, reader.totals().archives());
    }
  }

  @Test
  void leavesNothingBehindOfAFailedChange() throws IOException {
    StoredArchive archive = archive("pi-1", "2026-W47", 0);
    try (Catalog catalog = open()) {
      StoredArchive broken =
          new StoredArchive(
              "pi-1", archive.name(), archive.digest(), NOW, NOW, NOW, NOW, 1, 1, 1, 1, 1, null);
      assertThrows(CatalogException.class, () -> catalog.stored(broken));
      assertTrue(catalog.devices().isEmpty());
      catalog.stored(archive);
      assertFalse(catalog.devices().isEmpty());
    }
  }

  @Test
  void handsOutArchivesOneByOneAndStopsWhenTheyAreNotTaken() throws IOException {
    try (Catalog catalog = open()) {
      catalog.stored(archive("pi-2", "2026-W47", 0));
      catalog.stored(archive("pi-1", "2026-W48", 0));
      catalog.stored(archive("pi-1", "2026-W47", 0));
      List<String> taken = new ArrayList<>();
      IOException gone = new IOException("the pipe is closed");
      IOException thrown =
          assertThrows(
              IOException.class,
              () ->
                  catalog.archives(
                      Optional.empty(),
                      row -> {
                        taken.add(row.archive().device() + " " + row.archive().name());
                        if (taken.size() == 2) {
                          throw gone;
                        }
                      }));
      assertEquals(gone, thrown);
      assertEquals(List.of("pi-1 2026-W47", "pi-1 2026-W48"), taken);
      assertEquals(3, archives(catalog, Optional.empty()).size(), "can be read again");
    }
  }

  private static List<ArchiveRow> archives(Catalog catalog, Optional<String> device)
      throws IOException {
    List<ArchiveRow> rows = new ArrayList<>();
    catalog.archives(device, rows::add);
    return rows;
  }

  private Path file() {
    return directory.resolve("state/catalog.db");
  }

  private Catalog open() throws IOException {
    return CatalogFile.open(file(), CLOCK);
  }

  private static StoredArchive archive(String device, String name, int seconds) {
    Instant received = NOW.plusSeconds(seconds);
    return new StoredArchive(
        device,
        StoredName.parse(name).orElseThrow(),
        Sha256.of((device + name).getBytes(StandardCharsets.UTF_8)),
        received,
        received,
        received,
        received,
        1000,
        10,
        1,
        2,
        3,
        "0.1.0");
  }
}
