package io.pifleet.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.agent.spool.SealedArchives;
import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.ArchiveSource;
import io.pifleet.protocol.transfer.SampleArchive;
import io.pifleet.protocol.wire.Receipt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SpoolQueueTest {
  private static final ArchiveName NAME = new ArchiveName("2026-W47", 1);

  @TempDir Path directory;
  private Path spool;
  private SpoolQueue queue;
  private Manifest manifest;

  @BeforeEach
  void sealAnArchiveOfThreeSegments() throws IOException {
    spool = directory.resolve("spool");
    queue = new SpoolQueue(SealedArchives.in(spool));
    SampleArchive sample =
        SampleArchive.make(directory.resolve("made"), "pi-kitchen", 7, 5000, 6000, 7000);
    manifest = sample.manifest();
    Path home = Files.createDirectories(spool.resolve(NAME.toString()));
    for (int i = 0; i < 3; i++) {
      Files.copy(sample.file(i), segment(i));
    }
    byte[] bytes = new byte[manifest.lengthBytes()];
    sample.manifestBytes().get(bytes);
    Files.write(home.resolve("manifest.json"), bytes);
  }

  private Path segment(int index) {
    return spool.resolve(NAME.toString()).resolve(manifest.segments().hash(index) + ".seg");
  }

  private boolean reissue(int segment) throws IOException {
    return queue.reissueWithout(NAME, manifest.digest(), segment, () -> true);
  }

  private Manifest now() throws IOException {
    return queue.open(NAME).manifest();
  }

  private void acknowledge(String collector, Sha256 digest) throws IOException {
    Receipt receipt =
        new Receipt(
            "pi-kitchen",
            NAME.toString(),
            digest,
            manifest.archiveBytes(),
            Instant.parse("2026-11-23T03:12:45Z"),
            collector);
    queue.addReceipt(NAME, collector, receipt.encode());
  }

  @Test
  void showsWhatTheSpoolHolds() throws IOException {
    assertEquals(List.of(NAME), queue.sealed());
    assertEquals(manifest.sealed(), queue.sealedAt(NAME));
    ArchiveSource source = queue.open(NAME);
    assertEquals(manifest.digest(), source.manifest().digest());
    assertEquals(manifest.lengthBytes(), source.manifestBytes().remaining());
  }

  @Test
  void deletesAnArchiveOnlyWithEnoughReceipts() throws IOException {
    acknowledge("attic-1", manifest.digest());
    queue.deleteDelivered(NAME, 2);
    assertEquals(Set.of("attic-1"), queue.receipts(NAME));
    acknowledge("cellar-2", manifest.digest());
    queue.deleteDelivered(NAME, 2);
    assertEquals(List.of(), queue.sealed());
    assertThrows(NoSuchFileException.class, () -> queue.receipts(NAME));
    assertThrows(NoSuchFileException.class, () -> queue.open(NAME));
    assertThrows(NoSuchFileException.class, () -> queue.sealedAt(NAME));
  }

  @Test
  void aReceiptForAnEarlierIssueDoesNotCount() throws IOException {
    acknowledge("attic-1", manifest.digest());
    assertEquals(Set.of("attic-1"), queue.receipts(NAME));
    Files.delete(segment(1));
    assertTrue(reissue(1));
    assertEquals(Set.of(), queue.receipts(NAME));
    queue.deleteDelivered(NAME, 1);
    assertEquals(List.of(NAME), queue.sealed());
    acknowledge("attic-1", now().digest());
    assertEquals(Set.of("attic-1"), queue.receipts(NAME));
  }

  @Test
  void aTornReceiptDoesNotCount() throws IOException {
    queue.addReceipt(NAME, "attic-1", new byte[] {'{', '"'});
    assertEquals(Set.of(), queue.receipts(NAME));
  }

  @Test
  void aSegmentWithAnotherHashIsLost() throws IOException {
    byte[] bytes = Files.readAllBytes(segment(1));
    bytes[4711] ^= 8;
    Files.write(segment(1), bytes);
    assertFalse(reissue(0), "that one is intact");
    assertEquals(manifest.digest(), now().digest());
    assertTrue(reissue(1));
    assertEquals(2, now().segments().count());
  }

  @Test
  void aSegmentOfAnotherSizeIsLost() throws IOException {
    Files.write(segment(2), new byte[6999]);
    assertTrue(reissue(2));
    assertEquals(2, now().segments().count());
  }

  @Test
  void whereOneSegmentIsLostTheOthersAreLookedAtToo() throws IOException {
    Files.delete(segment(0));
    Files.delete(segment(2));
    assertTrue(reissue(2));
    assertEquals(1, now().segments().count());
    assertEquals(manifest.segments().hash(1), now().segments().hash(0));
  }

  @Test
  void aSegmentThatCannotBeOpenedForAnotherReasonIsNotLost() throws IOException {
    byte[] bytes = Files.readAllBytes(segment(1));
    Files.delete(segment(1));
    Files.createSymbolicLink(segment(1), segment(1)); // ELOOP says as little of the bytes as EMFILE
    assertThrows(IOException.class, () -> reissue(1));
    assertEquals(manifest.digest(), now().digest());
    Files.delete(segment(1));
    Files.write(segment(1), bytes);
    assertFalse(reissue(1));
  }

  @Test
  void anotherIssueThanTheOneThatWasOfferedIsLeftAlone() throws IOException {
    Files.delete(segment(1));
    assertFalse(queue.reissueWithout(NAME, Sha256.of(new byte[1]), 1, () -> true));
    assertEquals(manifest.digest(), now().digest());
  }

  @Test
  void givesUpCheckingWhenItIsToldTo() throws IOException {
    Files.delete(segment(1));
    AtomicInteger asked = new AtomicInteger();
    assertFalse(
        queue.reissueWithout(NAME, manifest.digest(), 1, () -> asked.incrementAndGet() < 2));
    assertEquals(2, asked.get());
    assertEquals(manifest.digest(), now().digest());
  }
}
