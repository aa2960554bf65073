package io.pifleet.agent.upload;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.discovery.Discovered;
import io.pifleet.protocol.discovery.ServiceType;
import io.pifleet.protocol.transfer.Deadlines;
import io.pifleet.protocol.transfer.PlainConnection;
import io.pifleet.protocol.transfer.SenderLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** An uploader, its queue, its clock, and its collectors: everything that a test has to end. */
public final class UploadFixture {
  public static final UploadSettings AT_ONCE =
      new UploadSettings(Duration.ZERO, UploadWindow.ALWAYS, 1);

  private final DirectoryQueue queue;
  private final SkewedClock clock = new SkewedClock();
  private final Deadlines deadlines = new Deadlines();
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private final List<Discovered> announced = new CopyOnWriteArrayList<>();
  private Uploader uploader;

  public UploadFixture(Path directory) {
    queue = new DirectoryQueue(directory);
  }

  public DirectoryQueue queue() {
    return queue;
  }

  SkewedClock clock() {
    return clock;
  }

  public Uploader uploader() {
    return uploader;
  }

  <T extends AutoCloseable> T closing(T one) {
    toClose.push(one);
    return one;
  }

  public LoopbackCollector collector(String id) throws IOException {
    return closing(new LoopbackCollector(id));
  }

  /** Seals an archive, now by the clock. */
  public ArchiveName archive(String name, int... sizes) throws IOException {
    return queue.add(name, clock.now(), sizes);
  }

  public static Targets listed(int... ports) {
    return new ListedCollectors(
        Arrays.stream(ports).mapToObj(port -> new CollectorAddress("127.0.0.1", port)).toList());
  }

  AnnouncedCollectors announced(PinnedCollector pinned) {
    return announced(pinned, "plain");
  }

  AnnouncedCollectors announced(PinnedCollector pinned, String ownTransport) {
    return new AnnouncedCollectors(() -> announced, pinned, ownTransport);
  }

  /** A collector is heard, in place of an older announcement of the same id. */
  void announce(String id, int port, InetAddress... addresses) {
    conceal(id);
    announced.add(
        new Discovered(
            ServiceType.COLLECTOR,
            id,
            addresses.length == 0 ? List.of(LoopbackCollector.loopback()) : List.of(addresses),
            port,
            Map.of("transport", "plain"),
            "lo"));
  }

  void conceal(String id) {
    announced.removeIf(one -> one.id().equals(id));
  }

  public void start(int port) {
    start(listed(port), AT_ONCE);
  }

  public Uploader start(Targets targets, UploadSettings settings) {
    uploader =
        closing(
            new Uploader(
                queue,
                targets,
                address -> PlainConnection.connect(address, SenderLimits.DEFAULT.connect()),
                deadlines,
                clock,
                settings,
                "0.1.0",
                waiting -> {}));
    uploader.start();
    return uploader;
  }

  void awaitGone(ArchiveName name) throws Exception {
    Eventually.until(() -> !queue.has(name), () -> uploader.status().toString());
  }

  /** As {@link #awaitGone}, with no back-off in the way. */
  void awaitGoneWithoutWaits(ArchiveName name) throws Exception {
    Eventually.until(
        () -> {
          clock.advance(Backoff.CAP);
          uploader.archiveSealed();
          return !queue.has(name);
        },
        () -> uploader.status().toString());
  }

  public void awaitError(String part) throws Exception {
    Eventually.until(
        () -> uploader.status().lastError().orElse("").contains(part),
        () -> uploader.status().toString());
  }

  public void awaitDoing(String part) throws Exception {
    Eventually.until(
        () -> uploader.status().doing().contains(part), () -> uploader.status().toString());
  }

  /** Returns when the uploader has looked at everything once more, from the beginning. */
  void awaitWholePass() throws Exception {
    for (int i = 0; i < 2; i++) { // the first one may have begun before
      int before = queue.looks();
      uploader.archiveSealed();
      Eventually.until(() -> queue.looks() > before, () -> uploader.status().toString());
    }
  }

  static Sha256 otherDigest() {
    return Sha256.of(new byte[] {1, 2, 3});
  }

  static Instant longAgo() {
    return Instant.parse("2026-11-01T00:00:00Z");
  }

  static void assertNoUploadThread() {
    assertFalse(
        Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals("upload")),
        "the upload thread runs on");
  }

  public void close() throws Exception {
    while (!toClose.isEmpty()) {
      toClose.pop().close();
    }
    deadlines.close();
  }
}
