package io.pifleet.agent.upload;

import static io.pifleet.agent.upload.UploadFixture.AT_ONCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.ArchiveName;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which of the collectors that are announced gets the archives. */
@Timeout(120)
final class CollectorChoiceTest {
  @TempDir Path directory;
  private UploadFixture fixture;
  private PinnedCollector pinned;

  @BeforeEach
  void open() throws Exception {
    fixture = new UploadFixture(directory.resolve("spool"));
    pinned = PinnedCollector.load(directory.resolve("collector"));
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  private void start() {
    fixture.start(fixture.announced(pinned), AT_ONCE);
  }

  @Test
  void pinsTheCollectorOfItsFirstReceiptAndSendsToNoOtherOne() throws Exception {
    LoopbackCollector attic = fixture.collector("attic-1");
    LoopbackCollector stranger = fixture.collector("stranger-2");
    fixture.announce("attic-1", attic.port());
    ArchiveName first = fixture.archive("2026-W46", 5000);
    start();
    fixture.awaitGone(first);
    Eventually.until(() -> pinned.id().isPresent(), () -> "nothing pinned");
    assertEquals(Optional.of("attic-1"), pinned.id());
    fixture.conceal("attic-1");
    fixture.announce("stranger-2", stranger.port());
    ArchiveName second = fixture.archive("2026-W47", 5000);
    fixture.uploader().targetFound();
    fixture.awaitDoing(
        "the pinned collector attic-1 is not announced; heard: stranger-2;"
            + " to go over to another one, name it under pifleet.collectors, or delete ");
    fixture.announce("attic-1", attic.port());
    fixture.uploader().targetFound();
    fixture.awaitGone(second);
    assertEquals(0, stranger.connections());
  }

  @Test
  void sendsNothingWhenSeveralUnknownCollectorsAreAnnounced() throws Exception {
    LoopbackCollector attic = fixture.collector("attic-1");
    LoopbackCollector stranger = fixture.collector("stranger-2");
    fixture.announce("attic-1", attic.port());
    fixture.announce("stranger-2", stranger.port());
    ArchiveName name = fixture.archive("2026-W46", 5000);
    start();
    fixture.awaitDoing("2 collectors are announced (attic-1, stranger-2) and none is pinned yet");
    fixture.awaitWholePass();
    assertEquals(0, attic.connections() + stranger.connections());
    assertTrue(fixture.queue().has(name));
    pinned.pin("attic-1");
    fixture.uploader().archiveSealed();
    fixture.awaitGone(name);
    assertEquals(0, stranger.connections());
  }

  @Test
  void usesACollectorThatMovedAtOnce() throws Exception {
    LoopbackCollector old = fixture.collector("attic-1");
    fixture.announce("attic-1", old.port());
    old.close();
    ArchiveName name = fixture.archive("2026-W46", 5000);
    start();
    for (int failures = 0; failures < 9; failures++) { // the next wait is minutes long
      fixture.clock().advance(Backoff.CAP);
      fixture.awaitWholePass();
    }
    fixture.awaitError("Connection refused");
    LoopbackCollector moved = fixture.collector("attic-1");
    fixture.announce("attic-1", moved.port());
    fixture.uploader().targetFound();
    fixture.awaitGone(name);
  }

  @Test
  void triesEveryAddressOfACollector() throws Exception {
    LoopbackCollector attic = fixture.collector("attic-1");
    InetAddress unused = InetAddress.getByName("127.0.0.2"); // nobody listens there
    fixture.announce("attic-1", attic.port(), unused, LoopbackCollector.loopback());
    ArchiveName name = fixture.archive("2026-W46", 5000);
    start();
    fixture.awaitGone(name);
    assertTrue(fixture.uploader().status().lastError().isEmpty());
  }

  @Test
  void namesEveryAddressThatFailed() throws Exception {
    LoopbackCollector attic = fixture.collector("attic-1");
    attic.close();
    InetAddress unused = InetAddress.getByName("127.0.0.2");
    fixture.announce("attic-1", attic.port(), unused, LoopbackCollector.loopback());
    fixture.archive("2026-W46", 5000);
    start();
    fixture.awaitError("127.0.0.2:" + attic.port());
    fixture.awaitError("127.0.0.1:" + attic.port());
  }

  @Test
  void leavesCollectorsWithAnotherTransportOutAndSaysSo() throws Exception {
    AnnouncedCollectors targets = fixture.announced(pinned, "tls");
    assertEquals(List.of(), targets.now());
    assertEquals(Optional.of("no collector is announced"), targets.problem());
    fixture.announce("attic-1", 7433);
    assertEquals(List.of(), targets.now());
    assertEquals(
        Optional.of("announced with another transport than tls: attic-1"), targets.problem());
    pinned.pin("attic-1");
    assertEquals(List.of(), targets.now());
    assertEquals(
        Optional.of("announced with another transport than tls: attic-1"), targets.problem());
  }
}
