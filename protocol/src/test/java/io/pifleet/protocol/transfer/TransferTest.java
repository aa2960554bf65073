package io.pifleet.protocol.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.wire.ProtocolError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class TransferTest {
  @TempDir Path directory;
  private SampleStore store;
  private SampleCollector collector;
  private SampleDevice device;

  @BeforeEach
  void start() throws IOException {
    store = new SampleStore(directory.resolve("store"));
    collector = new SampleCollector(store, SampleCollector.LIMITS);
    device = new SampleDevice();
  }

  @AfterEach
  void stop() throws IOException {
    collector.close();
    device.close();
    assertTrue(store.violations.isEmpty(), store.violations::toString);
  }

  private SampleArchive archive(int... sizes) throws IOException {
    return SampleArchive.make(directory.resolve("spool"), "pi-kitchen", 1, sizes);
  }

  @Test
  void storesWhatWasOfferedAndGivesAReceiptForIt() throws IOException {
    SampleArchive archive = archive(70_000, 1, 250_000, 4096);
    Outcome.Stored stored =
        assertInstanceOf(Outcome.Stored.class, device.offer(collector.address(), archive));
    assertFalse(stored.already());
    assertEquals(archive.manifest().digest(), stored.receipt().digest());
    assertEquals("attic-09ab34", stored.receipt().collector());
    assertArrayEquals(
        archive.content(), Files.readAllBytes(store.file(archive.manifest().digest())));
  }

  @Test
  void offersManyArchivesOverOneConnection() throws IOException {
    try (ArchiveSender sender = device.connect(collector.address())) {
      for (int i = 0; i < 20; i++) {
        SampleArchive archive =
            SampleArchive.make(directory.resolve("s" + i), "pi-kitchen", i, 1000 * i + 1);
        Outcome outcome = sender.offer(archive, SendProgress.NONE);
        assertInstanceOf(Outcome.Stored.class, outcome);
        assertTrue(store.isStored(archive.manifest().digest()));
      }
    }
    assertEquals(1, collector.threads.size());
  }

  @Test
  void storesAnArchiveWithoutSegments() throws IOException {
    SampleArchive archive = archive();
    assertInstanceOf(Outcome.Stored.class, device.offer(collector.address(), archive));
    assertTrue(store.isStored(archive.manifest().digest()));
  }

  @Test
  void asksForEqualSegmentsEachByItself() throws IOException {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      files.add(Files.write(directory.resolve("zero" + i), new byte[90_000]));
    }
    SampleArchive archive = SampleArchive.of("pi-kitchen", new ArchiveName("2026-W47", 2), files);
    assertInstanceOf(Outcome.Stored.class, device.offer(collector.address(), archive));
    assertEquals(450_000, store.writtenBytes(archive.manifest().digest()));
  }

  @Test
  void opensASegmentOnceHoweverManyGrantsItTakes() throws IOException {
    SampleArchive archive = archive(1_000_000);
    assertInstanceOf(Outcome.Stored.class, device.offer(collector.address(), archive));
    assertEquals(1, archive.opened());
  }

  @Test
  void answersTheSecondOfferOfAStoredArchiveWithTheSameReceipt() throws IOException {
    SampleArchive archive = archive(5000);
    Outcome.Stored first = (Outcome.Stored) device.offer(collector.address(), archive);
    Outcome.Stored second = (Outcome.Stored) device.offer(collector.address(), archive);
    assertTrue(second.already());
    assertArrayEquals(first.receiptBytes(), second.receiptBytes());
    assertEquals(5000, store.writtenBytes(archive.manifest().digest()));
  }

  @Test
  void keepsTheDeviceWaitingWhileTheStoreTakesItsTime() throws IOException {
    store.receiptMs = 1200; // one that was cut off by a crash is read through first
    store.openMs = 1200;
    store.commitMs = 1200;
    SampleArchive archive = archive(5000);
    List<String> doings = new ArrayList<>();
    SenderLimits hasty =
        new SenderLimits(Duration.ofSeconds(5), Duration.ofMillis(900), Duration.ofSeconds(5));
    try (SampleDevice hastyDevice = new SampleDevice(hasty);
        ArchiveSender sender = hastyDevice.connect(collector.address())) {
      Outcome outcome =
          sender.offer(
              archive,
              new SendProgress() {
                @Override
                public void advanced(long heldBytes, long grantedBytes, long sentBytes) {}

                @Override
                public void waiting(String doing, long done, long total) {
                  doings.add(doing);
                }
              });
      assertInstanceOf(Outcome.Stored.class, outcome);
    }
    assertTrue(doings.contains("checking") && doings.contains("storing"), doings::toString);
  }

  @Test
  void showsProgressThatEndsAtTheWholeArchive() throws IOException {
    SampleArchive archive = archive(300_000, 300_000);
    List<Long> sent = new ArrayList<>();
    try (ArchiveSender sender = device.connect(collector.address())) {
      sender.offer(archive, (held, granted, bytes) -> sent.add(bytes));
      assertEquals(600_000, sender.acknowledgedBytes());
    }
    assertEquals(600_000, sent.get(sent.size() - 1));
    assertEquals(600_000, collector.live.arrivedBytes());
    assertEquals(600_000, collector.live.verifiedBytes());
  }

  @Test
  void saysBusyWhenNoSlotIsFree() throws IOException {
    collector.slots.drainPermits();
    Outcome.Busy busy =
        assertInstanceOf(Outcome.Busy.class, device.offer(collector.address(), archive(5000)));
    assertEquals(Duration.ofSeconds(7), busy.retryAfter());
    assertEquals("all slots are taken", busy.reason());
    assertFalse(store.openCalled);
  }

  @Test
  void hearsThatTheCollectorIsBusyEvenBehindAManifestOfAMegabyte() throws IOException {
    collector.slots.drainPermits();
    List<Path> files = new ArrayList<>();
    Path file = Files.write(directory.resolve("one"), new byte[1]);
    for (int i = 0; i < 6000; i++) {
      files.add(file);
    }
    SampleArchive archive = SampleArchive.of("pi-kitchen", new ArchiveName("2026-W47", 3), files);
    assertTrue(archive.manifest().lengthBytes() > 900_000);
    assertInstanceOf(Outcome.Busy.class, device.offer(collector.address(), archive));
  }

  @Test
  void passesTheRefusalOfTheStoreOn() throws IOException {
    store.failure = new RefusedException(ProtocolError.DISK_FULL, "12 bytes are free");
    Outcome.Refused refused =
        assertInstanceOf(Outcome.Refused.class, device.offer(collector.address(), archive(5000)));
    assertEquals(
        new Outcome.Refused(7, "disk-full", true, "12 bytes are free", OptionalInt.empty()),
        refused);
  }

  @Test
  void refusesWithStorageWhenTheStoreFails() throws IOException {
    store.failure = new IOException("the directory has gone");
    Outcome.Refused refused = (Outcome.Refused) device.offer(collector.address(), archive(5000));
    assertEquals("storage", refused.codeName());
    assertTrue(refused.text().contains("the directory has gone"), refused::text);
  }

  @Test
  void saysWhichSegmentOfItsOwnItCannotServe() throws IOException {
    SampleArchive archive = archive(5000, 6000, 7000);
    Files.delete(archive.file(1));
    SegmentUnavailableException gone =
        assertThrows(
            SegmentUnavailableException.class, () -> device.offer(collector.address(), archive));
    assertEquals(1, gone.segment());
    Files.write(archive.file(1), new byte[100]);
    SegmentUnavailableException shrunk =
        assertThrows(
            SegmentUnavailableException.class, () -> device.offer(collector.address(), archive));
    assertEquals(1, shrunk.segment());
    assertTrue(
        shrunk.getMessage().contains("100 bytes; wanted: at least 6000"), shrunk::getMessage);
  }

  @Test
  void refusesASegmentWhoseHashIsWrongThreeTimesAndNamesIt() throws IOException {
    SampleArchive archive = archive(5000, 6000, 7000);
    byte[] rotten = Files.readAllBytes(archive.file(1));
    rotten[777] ^= 4;
    Files.write(archive.file(1), rotten);
    Outcome.Refused refused = (Outcome.Refused) device.offer(collector.address(), archive);
    assertEquals("segment", refused.codeName());
    assertEquals(OptionalInt.of(1), refused.segment());
    assertTrue(collector.events.contains("mismatched 1 3"), collector.events::toString);
    assertEquals(5000 + 7000 + 3 * 6000, store.writtenBytes(archive.manifest().digest()));
  }

  @Test
  void givesItsSlotBackAtTheEnd() throws Exception {
    device.offer(collector.address(), archive(5000));
    assertTrue(collector.awaitIdle(Duration.ofSeconds(10)));
    assertEquals(16, collector.slots.availablePermits());
  }
}
