package io.pifleet.collector.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.collector.TestArchive;
import io.pifleet.collector.store.StoreEvent.Kind;
import io.pifleet.protocol.transfer.PartialArchive;
import io.pifleet.protocol.wire.Receipt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArchiveStoreTest {
  private static final String DEVICE = "pi-kitchen-3fa2b1";

  @TempDir private Path directory;
  private StoreFixture fixture;

  @BeforeEach
  void open() throws IOException {
    fixture = new StoreFixture(directory).open();
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  @Test
  void storesArchiveManifestAndReceiptUnderTheirNames() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    Receipt receipt = fixture.receive(archive);
    assertEquals(
        List.of(
            DEVICE + "/2026-W47.manifest.json",
            DEVICE + "/2026-W47.receipt.json",
            DEVICE + "/2026-W47.tar.zst"),
        fixture.fileNames());
    assertArrayEquals(archive.bytes(), Files.readAllBytes(stored(DEVICE, "2026-W47")));
    assertEquals(
        new Receipt(
            DEVICE,
            "2026-W47",
            archive.manifest().digest(),
            archive.bytes().length,
            StoreFixture.NOW,
            "attic-09ab34"),
        receipt);
  }

  @Test
  void answersWithTheSameReceiptAfterRestart() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    byte[] receipt = fixture.receive(archive).encode();
    fixture.close();
    fixture.open();
    assertArrayEquals(
        receipt, fixture.store.receipt(DEVICE, archive.manifest().digest()).orElseThrow());
    assertTrue(fixture.store.receipt("other", archive.manifest().digest()).isEmpty());
  }

  @Test
  void keepsAnotherDigestOfTheSameNameBesideIt() throws IOException {
    TestArchive first = TestArchive.small(DEVICE, "2026-W47", 1);
    TestArchive second = TestArchive.small(DEVICE, "2026-W47", 2);
    fixture.receive(first);
    Receipt receipt = fixture.receive(second);
    String name = "2026-W47~" + second.manifest().digest().abbreviated(8);
    assertEquals(name, receipt.archive());
    assertArrayEquals(first.bytes(), Files.readAllBytes(stored(DEVICE, "2026-W47")));
    assertArrayEquals(second.bytes(), Files.readAllBytes(stored(DEVICE, name)));
    assertEquals(List.of(Kind.CONFLICT), fixture.eventKinds());
    assertTrue(fixture.store.receipt(DEVICE, first.manifest().digest()).isPresent());
    assertTrue(fixture.store.receipt(DEVICE, second.manifest().digest()).isPresent());
  }

  @Test
  void goesOnWhereTheConnectionEnded() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    try (PartialArchive partial = begin(archive)) {
      StoreFixture.receive(partial, archive, 0);
      partial.write(2, 0, ByteBuffer.wrap(archive.segment(2), 0, 1000));
    }
    try (PartialArchive partial = begin(archive)) {
      assertTrue(partial.isVerified(0));
      assertFalse(partial.isVerified(2));
      assertEquals(1000, partial.heldBytes(2));
      assertEquals(0, partial.heldBytes(3));
    }
    fixture.receive(archive);
    assertArrayEquals(archive.bytes(), Files.readAllBytes(stored(DEVICE, "2026-W47")));
  }

  @Test
  void hashesWhatItFindsAfterRestartAndDropsTheSegmentThatRotted() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    try (PartialArchive partial = begin(archive)) {
      StoreFixture.receive(partial, archive, 0);
      StoreFixture.receive(partial, archive, 1);
      StoreFixture.receive(partial, archive, 2);
      partial.write(3, 0, ByteBuffer.wrap(archive.segment(3), 0, 777));
    }
    fixture.close();
    flip(incoming(archive).resolve("data"), archive.manifest().segments().offsets()[1] + 5);
    fixture.open();
    try (PartialArchive partial = begin(archive)) {
      assertTrue(partial.isVerified(0));
      assertFalse(partial.isVerified(1));
      assertEquals(0, partial.heldBytes(1));
      assertTrue(partial.isVerified(2));
      assertEquals(777, partial.heldBytes(3));
    }
  }

  @Test
  void findsVerifiedSegmentsAgainWhenItWasKilledBeforeItWroteTheState() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    try (PartialArchive partial = begin(archive)) {
      StoreFixture.receive(partial, archive, 0);
      StoreFixture.receive(partial, archive, 2);
    }
    Files.delete(incoming(archive).resolve("state"));
    fixture.close();
    fixture.open();
    try (PartialArchive partial = begin(archive)) {
      assertTrue(partial.isVerified(0));
      assertFalse(partial.isVerified(1));
      assertTrue(partial.isVerified(2));
    }
  }

  @Test
  void takesAStateThatMakesNoSenseForNone() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    for (String state :
        List.of(
            "",
            "pifleet-partial/1\nrun x\nverified zz\n",
            "pifleet-partial/1\nrun x\nverified ffffffff\nheld 1 x",
            "pifleet-partial/1\nrun x\nverified ff\nheld 99 5\nheld 1 99999999\n")) {
      begin(archive).close();
      Files.writeString(incoming(archive).resolve("state"), state);
      try (PartialArchive partial = begin(archive)) {
        for (int i = 0; i < archive.manifest().segments().count(); i++) {
          assertFalse(partial.isVerified(i), state);
          assertEquals(0, partial.heldBytes(i), state);
        }
      }
    }
  }

  @Test
  void refusesToCommitWhatIsNotWhole() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    try (PartialArchive partial = begin(archive)) {
      StoreFixture.receive(partial, archive, 0);
      assertThrows(IllegalStateException.class, partial::commit);
    }
  }

  @Test
  void refusesAWriteThatWouldLeaveItsSegment() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    int size = archive.manifest().segments().sizeBytes(0);
    try (PartialArchive partial = begin(archive)) {
      ByteBuffer two = ByteBuffer.allocate(2);
      assertThrows(IllegalArgumentException.class, () -> partial.write(0, size - 1, two));
      assertThrows(IllegalArgumentException.class, () -> partial.write(0, -1, two));
    }
  }

  @Test
  void letsOneConnectionReceiveAnArchiveAtATime() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    try (PartialArchive partial = begin(archive)) {
      assertThrows(IOException.class, () -> begin(archive));
      StoreFixture.receive(partial, archive, 0);
    }
    begin(archive).close();
  }

  @Test
  void refusesASecondCollectorInTheSameDirectory() {
    IOException refusal =
        assertThrows(StoreInUseException.class, () -> new StoreFixture(directory).open());
    assertEquals(
        "the store "
            + directory.resolve("store")
            + " is in use by process "
            + ProcessHandle.current().pid(),
        refusal.getMessage());
  }

  @Test
  void storesAgainWhatSomebodyDeletedByHand() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    fixture.receive(archive);
    Files.delete(stored(DEVICE, "2026-W47"));
    assertTrue(fixture.store.receipt(DEVICE, archive.manifest().digest()).isEmpty());
    assertEquals("2026-W47", fixture.receive(archive).archive());
    assertArrayEquals(archive.bytes(), Files.readAllBytes(stored(DEVICE, "2026-W47")));
  }

  @Test
  void reportsAtStartWhatIsGone() throws IOException {
    fixture.receive(TestArchive.small(DEVICE, "2026-W47", 1));
    fixture.receive(TestArchive.small(DEVICE, "2026-W48", 2));
    fixture.close();
    Files.delete(stored(DEVICE, "2026-W47"));
    fixture.open();
    assertEquals(List.of(Kind.VANISHED), fixture.eventKinds());
    assertEquals("archive 2026-W47 is not whole; missing: [archive]", fixture.events.get(0).text());
    assertEquals(1, fixture.catalog.names(DEVICE).size());
  }

  @Test
  void adoptsAnArchiveWithoutReceiptThatVerifies() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    fixture.receive(archive);
    fixture.store.close();
    fixture.catalog.forgotten(DEVICE);
    fixture.catalog.close();
    Files.delete(fixture.layout.device(DEVICE).resolve("2026-W47.receipt.json"));
    fixture.open();
    assertEquals(List.of(Kind.ADOPTED), fixture.eventKinds());
    assertTrue(fixture.store.receipt(DEVICE, archive.manifest().digest()).isPresent());
  }

  @Test
  void receivesAgainOnlyTheBadSegmentOfAnArchiveWithoutReceiptThatDoesNotVerify()
      throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    fixture.receive(archive);
    fixture.close();
    Files.delete(fixture.layout.device(DEVICE).resolve("2026-W47.receipt.json"));
    flip(stored(DEVICE, "2026-W47"), archive.manifest().segments().offsets()[2]);
    fixture.open();
    assertEquals(Kind.RETURNED, fixture.events.get(0).kind());
    assertTrue(fixture.store.receipt(DEVICE, archive.manifest().digest()).isEmpty());
    try (PartialArchive partial = begin(archive)) {
      List<Integer> bad = new ArrayList<>();
      for (int i = 0; i < archive.manifest().segments().count(); i++) {
        if (!partial.isVerified(i)) {
          bad.add(i);
        }
      }
      assertEquals(List.of(2), bad);
    }
    fixture.receive(archive);
    assertArrayEquals(archive.bytes(), Files.readAllBytes(stored(DEVICE, "2026-W47")));
  }

  @Test
  void rebuildsALostCatalogToTheSameContent() throws IOException {
    for (int i = 0; i < 5; i++) {
      fixture.receive(TestArchive.small("pi-" + i % 2, "2026-W4" + i, i));
    }
    fixture.receive(TestArchive.small("pi-0", "2026-W40", 99));
    var archives = fixture.archives();
    var devices = fixture.catalog.devices();
    fixture.close();
    Files.delete(fixture.catalogFile());
    fixture.open();
    assertEquals(6, archives.size());
    assertEquals(archives, fixture.archives());
    assertEquals(devices, fixture.catalog.devices());
  }

  @Test
  void storesEvenWhenTheCatalogCannotBeWrittenAndCataloguesItLater() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    try (PartialArchive partial = begin(archive)) {
      for (int i = 0; i < archive.manifest().segments().count(); i++) {
        StoreFixture.receive(partial, archive, i);
      }
      fixture.catalog.close();
      assertEquals("2026-W47", Receipt.parse(partial.commit()).archive());
    }
    assertEquals(1, fixture.store.devicesBehind());
    fixture.close();
    fixture.open();
    assertEquals(1, fixture.catalog.names(DEVICE).size());
    assertTrue(fixture.store.receipt(DEVICE, archive.manifest().digest()).isPresent());
  }

  @Test
  void leavesForeignFilesAlone() throws IOException {
    Path foreign = fixture.layout.store().resolve("lost+found");
    Files.createDirectory(foreign);
    Files.writeString(fixture.layout.store().resolve("notes.txt"), "mine");
    fixture.receive(TestArchive.small(DEVICE, "2026-W47", 1));
    Files.writeString(fixture.layout.device(DEVICE).resolve("x.tar.zst"), "mine");
    fixture.close();
    fixture.open();
    assertTrue(fixture.events.isEmpty());
    assertTrue(Files.exists(foreign));
    assertTrue(Files.exists(fixture.layout.device(DEVICE).resolve("x.tar.zst")));
  }

  @Test
  void givesUpWhatHasBeenIncomingForTooLong() throws IOException {
    TestArchive old = TestArchive.small(DEVICE, "2026-W47", 1);
    TestArchive young = TestArchive.small(DEVICE, "2026-W48", 2);
    begin(old).close();
    begin(young).close();
    FileTime before = FileTime.from(StoreFixture.NOW.minus(Duration.ofDays(15)));
    FileTime since = FileTime.from(StoreFixture.NOW.minus(Duration.ofDays(13)));
    for (String name : List.of("data", "manifest.json")) {
      Files.setLastModifiedTime(incoming(old).resolve(name), before);
      Files.setLastModifiedTime(incoming(young).resolve(name), since);
    }
    fixture.store.dropOldIncoming();
    assertFalse(Files.exists(incoming(old)));
    assertTrue(Files.exists(incoming(young)));
    assertEquals(List.of(Kind.DROPPED), fixture.eventKinds());
  }

  @Test
  void boundsHowManyArchivesADeviceCanBegin() throws IOException {
    for (int i = 0; i < 20; i++) {
      begin(TestArchive.small(DEVICE, "2026-W47", i)).close();
    }
    try (var partials = Files.list(fixture.layout.incoming(DEVICE))) {
      assertEquals(8, partials.count());
    }
  }

  @Test
  void forgetsADeviceWithAllItHas() throws IOException {
    fixture.receive(TestArchive.small(DEVICE, "2026-W47", 1));
    fixture.receive(TestArchive.small("other", "2026-W47", 1));
    TestArchive begun = TestArchive.small(DEVICE, "2026-W48", 2);
    try (PartialArchive partial = begin(begun)) {
      StoreFixture.receive(partial, begun, 0);
      assertThrows(IOException.class, () -> fixture.store.forget(DEVICE));
    }
    assertEquals(1, fixture.store.forget(DEVICE));
    assertFalse(Files.exists(fixture.layout.device(DEVICE)));
    assertFalse(Files.exists(fixture.layout.incoming(DEVICE)));
    assertEquals(1, fixture.catalog.devices().size());
    assertTrue(Files.exists(stored("other", "2026-W47")));
  }

  @Test
  void neverMakesAPathOfAHostileName() {
    for (String name : List.of("..", "../x", "a/b", "", ".incoming", "A", "a".repeat(65), "a\0")) {
      assertThrows(
          IllegalArgumentException.class, () -> fixture.layout.device(name), name.length() + "");
      assertThrows(IllegalArgumentException.class, () -> fixture.layout.incoming(name));
    }
    for (String name : List.of("2026-W47/../x", "2026-W47~../../x", "2026-W47~ABCDEF12", "~", "")) {
      assertTrue(StoredName.parse(name).isEmpty(), name);
    }
  }

  private PartialArchive begin(TestArchive archive) throws IOException {
    return fixture.store.open(archive.manifest(), archive.manifestBytes());
  }

  private Path stored(String device, String name) {
    return fixture.layout.archive(device, StoredName.parse(name).orElseThrow());
  }

  private Path incoming(TestArchive archive) {
    return fixture.layout.incoming(archive.manifest().device(), archive.manifest().digest());
  }

  static void flip(Path file, long position) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, position);
      one.put(0, (byte) (one.get(0) ^ 1)).flip();
      channel.write(one, position);
    }
  }
}
