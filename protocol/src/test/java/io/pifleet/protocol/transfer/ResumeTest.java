package io.pifleet.protocol.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.transfer.FaultProxy.Direction;
import io.pifleet.protocol.transfer.FaultProxy.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of an archive whose connection is cut, reset or damaged on its way. */
@Timeout(60)
final class ResumeTest {
  private static final int[] SIZES = {40_000, 70_000, 1, 130_000, 522, 99_000, 60_000};
  private static final int PREAMBLE_BYTES = 8;
  private static final int HEADER_BYTES = 8;

  @TempDir static Path spool;
  private static SampleArchive archive;
  private static SampleDevice device;
  @TempDir Path directory;
  private SampleStore store;
  private SampleCollector collector;
  private FaultProxy proxy;

  @BeforeAll
  static void makeArchive() throws IOException {
    archive = SampleArchive.make(spool, "pi-kitchen", 7, SIZES);
    device = new SampleDevice();
  }

  @AfterAll
  static void closeDevice() {
    device.close();
  }

  @BeforeEach
  void start() throws IOException {
    store = new SampleStore(directory);
    collector = new SampleCollector(store, SampleCollector.LIMITS);
    proxy = new FaultProxy(collector.address());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    collector.close();
    assertTrue(store.violations.isEmpty(), store.violations::toString);
  }

  /** Where messages begin and end on the way to the collector, with grants of 100,000 bytes. */
  private static NavigableSet<Long> boundariesToServer() {
    NavigableSet<Long> boundaries = new TreeSet<>();
    boundaries.add((long) PREAMBLE_BYTES);
    boundaries.add((long) PREAMBLE_BYTES + HEADER_BYTES);
    long fields = 6L + "pi-kitchen".length() + 6 + 8 + 6 + 4 + 6 + 16 + 6 + "0.1.0".length() + 6;
    long at = PREAMBLE_BYTES + HEADER_BYTES + fields;
    boundaries.add(at); // where the manifest begins
    at += archive.manifest().lengthBytes();
    boundaries.add(at);
    for (long grant : grants()) {
      boundaries.add(at + HEADER_BYTES);
      boundaries.add(at + RangeSender.DATA_MESSAGE_BYTES);
      at += RangeSender.DATA_MESSAGE_BYTES + grant;
      boundaries.add(at);
    }
    return boundaries;
  }

  /** Bytes of each grant: whole segments, or as much as fits of one that is larger than a grant. */
  private static List<Long> grants() {
    long max = SampleCollector.LIMITS.grantMaxBytes();
    List<Long> grants = new ArrayList<>();
    long grant = 0;
    for (long size : SIZES) {
      if (grant > 0 && grant + size > max) {
        grants.add(grant);
        grant = 0;
      }
      grant += size;
      while (grant > max) {
        grants.add(max);
        grant -= max;
      }
    }
    grants.add(grant);
    return grants;
  }

  static Stream<Fault> cuts() {
    TreeSet<Long> offsets = new TreeSet<>();
    for (long boundary : boundariesToServer()) {
      offsets.add(boundary - 1);
      offsets.add(boundary);
      offsets.add(boundary + 1);
    }
    long end = boundariesToServer().last();
    Random random = new Random(20261120);
    while (offsets.size() < 80) {
      offsets.add((long) (random.nextDouble() * end));
    }
    TreeSet<Long> back = new TreeSet<>();
    for (long at = 0; at < 60; at++) {
      back.add(at); // preamble, header and fields of the first NEED
    }
    for (int i = 0; i < 12; i++) {
      back.add(60 + (long) (random.nextDouble() * 500)); // the other NEEDs, the RECEIPT
    }
    Stream<Fault> forth =
        offsets.stream()
            .map(
                at ->
                    at % 3 == 0
                        ? Fault.reset(Direction.TO_SERVER, at)
                        : Fault.cut(Direction.TO_SERVER, at));
    return Stream.concat(forth, back.stream().map(at -> Fault.cut(Direction.TO_CLIENT, at)));
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void goesOnWhereTheConnectionWasCut(Fault fault) throws Exception {
    proxy.plan(fault);
    Outcome outcome = null;
    for (int attempt = 0; outcome == null; attempt++) {
      // The third one is for the second, should the first be heard behind it and take over.
      assertTrue(attempt < 3, "no end after 3 attempts");
      try {
        outcome = device.offer(proxy.address(), archive);
      } catch (IOException e) {
        assertTrue(collector.awaitIdle(Duration.ofSeconds(20)), "the receiver hangs");
      }
    }
    assertInstanceOf(Outcome.Stored.class, outcome);
    assertArrayEquals(
        archive.content(), Files.readAllBytes(store.file(archive.manifest().digest())));
    // SampleStore has seen to it that nothing held was written again.
    assertEquals(
        archive.manifest().segments().totalBytes(),
        store.writtenBytes(archive.manifest().digest()));
  }

  @Test
  void arrivesInTheEndOverALinkThatBreaksAllTheTime() throws Exception {
    Random random = new Random(4711);
    int attempts = 0;
    Outcome outcome = null;
    while (outcome == null) {
      attempts++;
      assertTrue(attempts < 100, "no end after 100 attempts");
      proxy.plan(Fault.reset(Direction.TO_SERVER, 1000 + random.nextInt(40_000)));
      try {
        outcome = device.offer(proxy.address(), archive);
      } catch (IOException e) {
        assertTrue(collector.awaitIdle(Duration.ofSeconds(20)), "the receiver hangs");
      }
    }
    assertTrue(attempts > 5, "the link did not break");
    assertArrayEquals(
        archive.content(), Files.readAllBytes(store.file(archive.manifest().digest())));
  }

  @Test
  void sendsAReceiptThatWasLostAgainAsHave() throws Exception {
    long before = bytesBackWithoutReceipt();
    proxy.plan(Fault.cut(Direction.TO_CLIENT, before + 20));
    assertThrows(IOException.class, () -> device.offer(proxy.address(), archive));
    assertTrue(collector.awaitIdle(Duration.ofSeconds(20)));
    assertTrue(store.isStored(archive.manifest().digest()));
    Outcome.Stored stored = (Outcome.Stored) device.offer(proxy.address(), archive);
    assertTrue(stored.already());
    assertEquals(archive.manifest().digest(), stored.receipt().digest());
  }

  /** Measured on another store, so that this one knows nothing yet. */
  private long bytesBackWithoutReceipt() throws Exception {
    SampleStore other = new SampleStore(directory.resolve("other"));
    try (SampleCollector sibling = new SampleCollector(other, SampleCollector.LIMITS);
        FaultProxy clean = new FaultProxy(sibling.address())) {
      Outcome.Stored stored = (Outcome.Stored) device.offer(clean.address(), archive);
      return clean.bytes(0, Direction.TO_CLIENT) - 8 - 6 - stored.receiptBytes().length;
    }
  }

  @ParameterizedTest
  @MethodSource("corruptions")
  void asksAgainForASegmentThatWasDamagedOnTheWay(long offsetInData, int segment) throws Exception {
    long firstData = new ArrayList<>(boundariesToServer()).get(5);
    proxy.plan(Fault.corrupt(Direction.TO_SERVER, firstData + offsetInData));
    assertInstanceOf(Outcome.Stored.class, device.offer(proxy.address(), archive));
    assertArrayEquals(
        archive.content(), Files.readAllBytes(store.file(archive.manifest().digest())));
    assertEquals(
        archive.manifest().segments().totalBytes() + SIZES[segment],
        store.writtenBytes(archive.manifest().digest()));
    assertTrue(
        collector.events.contains("mismatched " + segment + " 1"), collector.events::toString);
  }

  static Stream<Arguments> corruptions() {
    // Grants of 40,000, 70,001, 100,000 and 30,522 bytes: segment 3 is split over the last two.
    // Between two grants stands a DATA message of 32 bytes.
    return Stream.of(
        Arguments.of(0L, 0),
        Arguments.of(39_999L, 0),
        Arguments.of(40_032L, 1),
        Arguments.of(110_031L, 1),
        Arguments.of(110_065L, 3),
        Arguments.of(210_064L, 3),
        Arguments.of(210_097L, 3),
        Arguments.of(240_096L, 3));
  }

  @Test
  void goesOnAfterTheCollectorWasStartedAgain() throws Exception {
    proxy.plan(Fault.cut(Direction.TO_SERVER, 200_000));
    assertThrows(IOException.class, () -> device.offer(proxy.address(), archive));
    assertTrue(collector.awaitIdle(Duration.ofSeconds(20)));
    collector.close();
    try (SampleCollector restarted = new SampleCollector(store, SampleCollector.LIMITS)) {
      assertInstanceOf(Outcome.Stored.class, device.offer(restarted.address(), archive));
    }
    assertEquals(
        archive.manifest().segments().totalBytes(),
        store.writtenBytes(archive.manifest().digest()));
  }

  @Test
  void startsProgressWithWhatTheCollectorHeld() throws Exception {
    proxy.plan(Fault.cut(Direction.TO_SERVER, 200_000));
    assertThrows(IOException.class, () -> device.offer(proxy.address(), archive));
    assertTrue(collector.awaitIdle(Duration.ofSeconds(20)));
    long[] held = new long[1];
    try (ArchiveSender sender = device.connect(collector.address())) {
      sender.offer(archive, (heldBytes, granted, sent) -> held[0] = heldBytes);
      assertEquals(archive.manifest().segments().totalBytes(), sender.acknowledgedBytes());
    }
    // 3 DATA messages, and what precedes the first one, are not bytes of segments.
    long overhead =
        new ArrayList<>(boundariesToServer()).get(3) + 3L * RangeSender.DATA_MESSAGE_BYTES;
    assertEquals(200_000 - overhead, held[0]);
  }
}
