package io.pifleet.agent.upload;

import static io.pifleet.agent.upload.UploadFixture.AT_ONCE;
import static io.pifleet.agent.upload.UploadFixture.listed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.BusyException;
import io.pifleet.protocol.transfer.FaultProxy;
import io.pifleet.protocol.transfer.FaultProxy.Direction;
import io.pifleet.protocol.transfer.FaultProxy.Fault;
import io.pifleet.protocol.transfer.RefusedException;
import io.pifleet.protocol.wire.ProtocolError;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The uploader against the real receiver, over sockets of loopback. */
@Timeout(120)
final class UploaderTest {
  @TempDir Path directory;
  private UploadFixture fixture;
  private DirectoryQueue queue;

  @BeforeEach
  void open() {
    fixture = new UploadFixture(directory);
    queue = fixture.queue();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
    UploadFixture.assertNoUploadThread();
  }

  private FaultProxy proxyTo(LoopbackCollector collector) throws IOException {
    return fixture.closing(
        new FaultProxy(new InetSocketAddress(LoopbackCollector.loopback(), collector.port())));
  }

  @Test
  void deliversTheOldestFirstOverOneConnection() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    ArchiveName third = fixture.archive("2026-W47", 5000);
    ArchiveName first = fixture.archive("2026-W46", 70_000, 30_000);
    ArchiveName second = fixture.archive("2026-W46.2", 1);
    fixture.start(collector.port());
    fixture.awaitGone(third);
    assertEquals(List.of(first, second, third), collector.offers());
    assertEquals(1, collector.connections());
    assertEquals(List.of(), queue.sealed());
    assertEquals(third, fixture.uploader().status().lastReceipt().orElseThrow().archive());
  }

  @Test
  void comesBackAfterACutAndSendsOnlyWhatWasNotKept() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    FaultProxy proxy = proxyTo(collector);
    proxy.plan(Fault.cut(Direction.TO_SERVER, 450_000));
    proxy.plan(Fault.reset(Direction.TO_SERVER, 250_000));
    ArchiveName name = fixture.archive("2026-W46", 200_000, 200_000, 200_000, 200_000);
    ArchiveName newer = fixture.archive("2026-W47", 10);
    fixture.start(proxy.address().getPort());
    fixture.awaitGone(newer);
    assertEquals(List.of(name, name, name, newer), collector.offers());
    long again = collector.writtenBytes() - 800_010;
    assertTrue(again < 200_000, again + " bytes more than there are");
  }

  @Test
  void leavesABusyCollectorAloneForAsLongAsItSaid() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    collector.busy(new BusyException(Duration.ofMinutes(10), "all slots are taken"));
    ArchiveName name = fixture.archive("2026-W46", 5000);
    fixture.start(collector.port());
    fixture.awaitError("all slots are taken");
    collector.busy(null);
    fixture.uploader().targetFound(); // it is announced all the time
    fixture.clock().advance(Duration.ofMinutes(9));
    fixture.awaitWholePass();
    assertEquals(1, collector.connections());
    fixture.clock().advance(Duration.ofMinutes(4)); // ten, and up to a quarter more
    fixture.uploader().archiveSealed();
    fixture.awaitGone(name);
  }

  @Test
  void offersARefusedArchiveADayLaterAndTheOthersMeanwhile() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    ArchiveName unwanted = fixture.archive("2026-W46", 5000);
    ArchiveName other = fixture.archive("2026-W47", 5000);
    collector.judge(
        manifest -> {
          if (manifest.name().equals(unwanted)) {
            throw new RefusedException(ProtocolError.MANIFEST, "too old for me");
          }
        });
    fixture.start(collector.port());
    fixture.awaitGone(other);
    fixture.clock().advance(Duration.ofHours(23));
    fixture.awaitWholePass();
    assertEquals(List.of(unwanted, other), collector.offers());
    collector.judge(manifest -> {});
    fixture.clock().advance(Duration.ofHours(2));
    fixture.uploader().archiveSealed();
    fixture.awaitGone(unwanted);
  }

  @Test
  void aDeviceThatMayNotDeliverDoesNotOfferTheRestOfItsArchives() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    collector.judge(
        manifest -> {
          throw new RefusedException(ProtocolError.DEVICE, "not approved");
        });
    ArchiveName first = fixture.archive("2026-W46", 5000);
    fixture.archive("2026-W47", 5000);
    fixture.start(collector.port());
    fixture.awaitError("not approved");
    fixture.awaitWholePass();
    assertEquals(List.of(first), collector.offers());
  }

  @Test
  void anArchiveThatIsRefusedForNowStandsBehindTheOthers() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    ArchiveName large = fixture.archive("2026-W46", 500_000);
    ArchiveName small = fixture.archive("2026-W47", 500);
    collector.judge(
        manifest -> {
          if (manifest.name().equals(large)) {
            throw new RefusedException(ProtocolError.DISK_FULL, "1 KiB is free");
          }
        });
    fixture.start(collector.port());
    fixture.awaitGoneWithoutWaits(small);
    assertTrue(queue.has(large));
    collector.judge(manifest -> {});
    fixture.awaitGoneWithoutWaits(large);
  }

  @Test
  void anArchiveThatBreaksEveryConnectionStandsBehindTheOthers() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    ArchiveName poison = fixture.archive("2026-W46", 500);
    ArchiveName other = fixture.archive("2026-W47", 500);
    collector.judge(
        manifest -> {
          if (manifest.name().equals(poison)) {
            throw new IllegalStateException("the collector's own fault");
          }
        });
    fixture.start(collector.port());
    fixture.awaitGoneWithoutWaits(other);
    assertTrue(queue.has(poison));
  }

  @Test
  void deletesNothingForTheReceiptOfAnotherCollectorThanWasAnnounced() throws Exception {
    LoopbackCollector collector = fixture.collector("impostor-2");
    ArchiveName name = fixture.archive("2026-W46", 5000);
    fixture.announce("attic-1", collector.port());
    PinnedCollector pinned = PinnedCollector.load(directory.resolve("collector"));
    fixture.start(fixture.announced(pinned), AT_ONCE);
    fixture.awaitError("the receipt is from impostor-2");
    assertTrue(queue.has(name));
    assertEquals(Set.of(), queue.receipts(name));
    assertTrue(pinned.id().isEmpty());
  }

  @Test
  void deletesNothingForTheReceiptOfAnotherDigest() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    collector.forge(
        receipt ->
            new io.pifleet.protocol.wire.Receipt(
                receipt.device(),
                receipt.archive(),
                UploadFixture.otherDigest(),
                receipt.archiveBytes(),
                receipt.received(),
                receipt.collector()));
    ArchiveName name = fixture.archive("2026-W46", 5000);
    fixture.start(collector.port());
    fixture.awaitError("the receipt is for " + UploadFixture.otherDigest());
    assertTrue(queue.has(name));
    assertEquals(Set.of(), queue.receipts(name));
  }

  @Test
  void issuesAnArchiveAgainWithoutItsRottenSegment() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    ArchiveName name = fixture.archive("2026-W46", 5000, 6000, 7000);
    Sha256 before = queue.digest(name);
    Path segment = queue.segment(name, 1);
    byte[] bytes = Files.readAllBytes(segment);
    bytes[17] ^= 1;
    Files.write(segment, bytes);
    fixture.start(collector.port());
    fixture.awaitGone(name);
    assertFalse(collector.hasStored(before));
    assertEquals(List.of(name, name), collector.offers());
  }

  @Test
  void issuesAnArchiveAgainWithoutASegmentThatIsGone() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    ArchiveName name = fixture.archive("2026-W46", 5000, 6000, 7000);
    Files.delete(queue.segment(name, 1));
    fixture.start(collector.port());
    fixture.awaitGone(name);
  }

  @Test
  void keepsAnArchiveThatItCannotServeNowAndSendsTheOthers() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    ArchiveName name = fixture.archive("2026-W46", 5000, 6000);
    ArchiveName other = fixture.archive("2026-W47", 5000);
    Path segment = queue.segment(name, 0);
    byte[] bytes = Files.readAllBytes(segment);
    Files.delete(segment);
    queue.outOfDescriptors(true);
    Sha256 digest = queue.digest(name);
    fixture.start(collector.port());
    fixture.awaitGone(other);
    assertEquals(digest, queue.digest(name));
    Files.write(segment, bytes);
    queue.outOfDescriptors(false);
    fixture.awaitGoneWithoutWaits(name);
    assertTrue(collector.hasStored(digest));
  }

  @Test
  void anUnreadableManifestHoldsNobodyUp() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    ArchiveName torn = fixture.archive("2026-W46", 5000);
    ArchiveName other = fixture.archive("2026-W47", 5000);
    queue.unreadable(torn, true);
    fixture.start(collector.port());
    fixture.awaitGone(other);
    fixture.awaitError("2026-W46 cannot be read: the manifest ends in the middle");
    queue.unreadable(torn, false);
    fixture.awaitGoneWithoutWaits(torn);
  }

  @Test
  void anArchiveThatTheSpoolGaveUpMeanwhileIsNoFailure() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    fixture.archive("2026-W46", 5000);
    ArchiveName dropped = fixture.archive("2026-W47", 5000);
    ArchiveName last = fixture.archive("2026-W48", 5000);
    collector.judge(
        manifest -> {
          if (queue.has(dropped)) {
            queue.giveUp(dropped);
          }
        });
    fixture.start(collector.port());
    fixture.awaitGone(last);
    assertEquals(1, collector.connections());
    assertTrue(fixture.uploader().status().lastError().isEmpty());
  }

  @Test
  void keepsAnArchiveUntilTwoCollectorsHaveItWhenTwoAreRequired() throws Exception {
    LoopbackCollector first = fixture.collector("attic-1");
    LoopbackCollector down = fixture.collector("cellar-2");
    int port = down.port();
    down.close();
    ArchiveName name = fixture.archive("2026-W46", 5000);
    fixture.start(
        listed(first.port(), port), new UploadSettings(Duration.ZERO, UploadWindow.ALWAYS, 2));
    Eventually.until(() -> queue.receipts(name).contains("attic-1"), queue::toString);
    fixture.awaitError("127.0.0.1:" + port);
    fixture.awaitWholePass();
    assertTrue(queue.has(name));
    assertEquals(1, first.connections());
    LoopbackCollector up = fixture.closing(new LoopbackCollector("cellar-2", port));
    fixture.awaitGoneWithoutWaits(name);
    assertEquals(List.of(name), up.offers());
    assertEquals(1, first.connections());
  }

  @Test
  void oneCollectorUnderTwoNamesGivesOneReceipt() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    FaultProxy otherName = proxyTo(collector);
    ArchiveName name = fixture.archive("2026-W46", 5000);
    fixture.start(
        listed(collector.port(), otherName.address().getPort()),
        new UploadSettings(Duration.ZERO, UploadWindow.ALWAYS, 2));
    Eventually.until(() -> otherName.connections() == 1, queue::toString);
    fixture.awaitDoing("nothing to send");
    fixture.awaitWholePass();
    assertTrue(queue.has(name));
    assertEquals(2, collector.connections());
  }

  @Test
  void deletesWhatHadItsReceiptsWhenTheAgentEnded() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    ArchiveName name = fixture.archive("2026-W46", 5000);
    queue.addReceipt(name, "attic-1", new byte[] {'{', '}'});
    fixture.start(collector.port());
    fixture.awaitGone(name);
    assertEquals(0, collector.connections());
  }

  @Test
  void splayAndWindowCountUnlessSomebodyWaits() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    LocalTime now = fixture.clock().now().atZone(ZoneId.systemDefault()).toLocalTime();
    UploadWindow closed = new UploadWindow(now.plusHours(2), now.plusHours(3));
    UploadSettings settings = new UploadSettings(Duration.ofMinutes(30), closed, 1);
    ArchiveName old = queue.add("2026-W46", UploadFixture.longAgo(), 5000);
    Uploader uploader = fixture.start(listed(collector.port()), settings);
    fixture.awaitDoing("waiting for the upload window");
    uploader.reconfigure(
        new UploadSettings(Duration.ofMinutes(30), UploadWindow.ALWAYS, 1),
        listed(collector.port()));
    fixture.awaitGone(old);
    ArchiveName fresh = fixture.archive("2026-W47", 5000);
    uploader.archiveSealed();
    fixture.awaitDoing("waiting for its turn");
    uploader.reconfigure(settings, listed(collector.port()));
    fixture.awaitWholePass();
    assertEquals(List.of(old), collector.offers());
    List<ArchiveName> receipts = new CopyOnWriteArrayList<>();
    Uploader.Hurry hurry = uploader.hurry(receipt -> receipts.add(receipt.archive()));
    fixture.awaitGone(fresh);
    assertEquals(List.of(fresh), receipts);
    hurry.end();
    ArchiveName next = fixture.archive("2026-W48", 5000);
    uploader.archiveSealed();
    fixture.awaitDoing("waiting for its turn");
    assertTrue(queue.has(next));
  }

  @Test
  void whatIsUnderWayWhenTheWindowClosesIsFinishedAndNothingElseBegun() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    LocalTime now = fixture.clock().now().atZone(ZoneId.systemDefault()).toLocalTime();
    UploadWindow open = new UploadWindow(now.minusHours(1), now.plusHours(1));
    collector.judge(manifest -> fixture.clock().advance(Duration.ofHours(2)));
    ArchiveName first = fixture.archive("2026-W46", 5000);
    ArchiveName second = fixture.archive("2026-W47", 5000);
    fixture.start(listed(collector.port()), new UploadSettings(Duration.ZERO, open, 1));
    fixture.awaitGone(first);
    fixture.awaitWholePass();
    fixture.awaitDoing("waiting for the upload window");
    assertTrue(queue.has(second));
    assertEquals(List.of(first), collector.offers());
  }

  @Test
  void saysHowFarItIsAndThatItIsAlive() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    FaultProxy proxy = proxyTo(collector);
    proxy.plan(Fault.hold(Direction.TO_SERVER, 300_000));
    ArchiveName name = fixture.archive("2026-W46", 4 << 20, 4 << 20);
    fixture.start(proxy.address().getPort());
    Eventually.until(
        () ->
            fixture.uploader().status().transfer().isPresent()
                && fixture.uploader().status().transfer().get().heldBytes() > 0,
        () -> fixture.uploader().status().toString());
    UploadStatus.Transfer transfer = fixture.uploader().status().transfer().orElseThrow();
    assertEquals(name, transfer.archive());
    assertEquals(8 << 20, transfer.totalBytes());
    assertEquals(0, transfer.resumedAtBytes());
    assertTrue(fixture.uploader().stuck().isEmpty());
  }
}
