package io.pifleet.collector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pifleet.collector.CollectorProcess.Result;
import io.pifleet.daemon.json.JsonObject;
import io.pifleet.protocol.transfer.Outcome;
import io.pifleet.protocol.wire.Receipt;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole collector, as people run it. */
final class CollectorProcessTest {
  private static final String DEVICE = "pi-kitchen-3fa2b1";

  @TempDir private Path directory;

  @Test
  void receivesStoresShowsAndExports() throws Exception {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    try (CollectorProcess collector = new CollectorProcess(directory);
        TestDevice device = new TestDevice(directory, collector.start())) {
      Outcome.Stored stored = (Outcome.Stored) device.deliver(archive);
      assertEquals("2026-W47", stored.receipt().archive());
      Outcome.Stored again = (Outcome.Stored) device.deliver(archive);
      assertTrue(again.already());
      assertArrayEquals(stored.receiptBytes(), again.receiptBytes());

      JsonObject status = json(collector.run("status", "--json"));
      assertEquals(1, status.object("store").number("archives", -1));
      assertEquals(1, status.object("counts").number("stored", -1));
      assertEquals(1, status.object("counts").number("had", -1));

      JsonObject listed = json(collector.run("archives", DEVICE, "--json"));
      assertEquals(archive.manifest().digest().toString(), listed.text("digest", ""));
      assertEquals(2_001, listed.number("records", 0));
      assertEquals("127.0.0.1", json(collector.run("devices", "--json")).text("address", ""));

      Result records = collector.run("records", DEVICE, "2026-W47");
      assertEquals(
          "cpu,host=a load=1 1763622000000000000\n" + TestArchive.lines(2_000, 1), records.text());
      Result exported = collector.run("export", DEVICE, "2026-W47");
      assertArrayEquals(archive.bytes(), exported.out().toByteArray());
      assertEquals(0, collector.stop(), collector.log());

      // The same without a daemon, and without a catalog.
      assertEquals(0, collector.run("verify").exit());
      String verified = json(collector.run("archives", "--json")).text("verified", "");
      assertFalse(verified.isEmpty());
      Files.delete(directory.resolve("state/catalog.db"));
      JsonObject rebuilt = json(collector.run("archives", "--json"));
      assertEquals(archive.manifest().digest().toString(), rebuilt.text("digest", ""));
      assertEquals(
          "pifleet-collector: no pifleet-collector runs here (nothing listens on "
              + directory.resolve("run/control.sock")
              + ")\n",
          collector.run("status").errors());
    }
  }

  @Test
  void storesWhatTarOpens() throws Exception {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    try (CollectorProcess collector = new CollectorProcess(directory);
        TestDevice device = new TestDevice(directory, collector.start())) {
      assertInstanceOf(Outcome.Stored.class, device.deliver(archive));
      Path stored = collector.store().resolve(DEVICE + "/2026-W47.tar.zst");
      for (List<String> tar :
          List.of(
              List.of("tar", "--zstd", "-tf", stored.toString()),
              List.of("bsdtar", "-tf", stored.toString()))) {
        Process process = new ProcessBuilder(tar).redirectErrorStream(true).start();
        String listing =
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), listing);
        assertEquals(
            Stream.of(
                    "metrics/2026-11-20T07.lp",
                    "metrics/2026-11-20T08.lp",
                    "files/camera/srv/front.jpg",
                    "manifest.json")
                .map(name -> DEVICE + "/2026-W47/" + name + "\n")
                .reduce("", String::concat),
            listing);
      }
    }
  }

  @Test
  void killedWhileItReceivesItGoesOnWhereItWas() throws Exception {
    TestArchive archive = large("2026-W47");
    long total = archive.manifest().segments().totalBytes();
    try (CollectorProcess collector = new CollectorProcess(directory, "grant-max = 1 MiB")) {
      try (TestDevice device = new TestDevice(directory, collector.start())) {
        CompletableFuture<Outcome> delivery = inBackground(device, archive);
        awaitIncoming(collector, archive, total / 3);
        collector.kill();
        ExecutionException broken =
            assertThrows(ExecutionException.class, () -> delivery.get(30, TimeUnit.SECONDS));
        assertInstanceOf(IOException.class, broken.getCause());
      }
      try (TestDevice device = new TestDevice(directory, collector.start())) {
        assertInstanceOf(Outcome.Stored.class, device.deliver(archive));
        assertTrue(device.heldBytes() > total / 5, device.heldBytes() + " of " + total);
        assertEquals(total, device.heldBytes() + device.sentBytes());
      }
      assertArrayEquals(
          archive.bytes(),
          Files.readAllBytes(collector.store().resolve(DEVICE + "/2026-W47.tar.zst")));
      assertEquals(0, collector.run("verify").exit());
    }
  }

  @Test
  void stoppedWhileItReceivesItKeepsWhatHasArrived() throws Exception {
    TestArchive archive = large("2026-W47");
    long total = archive.manifest().segments().totalBytes();
    try (CollectorProcess collector = new CollectorProcess(directory, "grant-max = 1 MiB")) {
      try (TestDevice device = new TestDevice(directory, collector.start())) {
        CompletableFuture<Outcome> delivery = inBackground(device, archive);
        awaitIncoming(collector, archive, total / 3);
        assertEquals(0, collector.stop(), collector.log());
        try {
          Outcome.Refused refused =
              assertInstanceOf(Outcome.Refused.class, delivery.get(30, TimeUnit.SECONDS));
          assertEquals("shutdown", refused.codeName());
          assertTrue(refused.retryable());
        } catch (ExecutionException e) {
          assertInstanceOf(IOException.class, e.getCause()); // it was stopped before it could say
        }
      }
      try (TestDevice device = new TestDevice(directory, collector.start())) {
        assertInstanceOf(Outcome.Stored.class, device.deliver(archive));
        assertTrue(device.heldBytes() > total / 5, device.heldBytes() + " of " + total);
      }
      assertEquals(0, collector.run("verify").exit());
    }
  }

  @Test
  void killedAtRandomMomentsItKeepsEveryReceiptItGave() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<TestArchive> archives = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      archives.add(TestArchive.small(DEVICE, "20261120T%06dZ".formatted(i), i));
    }
    Map<Integer, byte[]> receipts = new TreeMap<>();
    try (CollectorProcess collector = new CollectorProcess(directory)) {
      for (int round = 0; round < 6; round++) {
        try (TestDevice device = new TestDevice(directory, collector.start())) {
          int delayMs = random.nextInt(500);
          CompletableFuture<Void> killed =
              CompletableFuture.runAsync(
                  collector::kill,
                  CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS));
          for (int i = receipts.size(); i < archives.size(); i++) {
            Outcome.Stored stored = (Outcome.Stored) device.deliver(archives.get(i));
            receipts.put(i, stored.receiptBytes());
          }
          killed.join();
        } catch (IOException e) {
          // killed in the middle
        }
        collector.process().onExit().join();
      }
      try (TestDevice device = new TestDevice(directory, collector.start())) {
        for (int i = 0; i < archives.size(); i++) {
          Outcome.Stored stored = (Outcome.Stored) device.deliver(archives.get(i));
          String which = "archive " + i + ", seed " + seed;
          if (receipts.containsKey(i)) {
            assertTrue(stored.already(), which);
            assertArrayEquals(receipts.get(i), stored.receiptBytes(), which);
          }
          assertArrayEquals(
              archives.get(i).bytes(),
              Files.readAllBytes(
                  collector
                      .store()
                      .resolve(DEVICE + "/" + stored.receipt().archive() + ".tar.zst")),
              which);
        }
        Result result = collector.run("verify");
        assertEquals(0, result.exit(), result.text());
        assertTrue(result.text().startsWith("40 archives, "), result.text() + ", seed " + seed);
      }
    }
  }

  @Test
  void verifyNamesTheSegmentWithAFlippedByte() throws Exception {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    try (CollectorProcess collector = new CollectorProcess(directory);
        TestDevice device = new TestDevice(directory, collector.start())) {
      device.deliver(archive);
      device.deliver(TestArchive.small(DEVICE, "2026-W48", 2));
      long position = archive.manifest().segments().offsets()[3] + 7;
      Path stored = collector.store().resolve(DEVICE + "/2026-W47.tar.zst");
      try (RandomAccessFile file = new RandomAccessFile(stored.toFile(), "rw")) {
        file.seek(position);
        int before = file.read();
        file.seek(position);
        file.write(before ^ 0x40);
      }
      Result result = collector.run("verify");
      assertEquals(1, result.exit());
      assertTrue(result.text().startsWith(DEVICE + " 2026-W47: segment 3 ("), result.text());
      assertTrue(result.text().contains("is rotten\n2 archives, "), result.text());
      assertTrue(result.text().contains("1 with findings"), result.text());
      assertEquals(1, json(collector.run("archives", DEVICE, "--json")).number("findings", -1));
    }
  }

  @Test
  void devicesLateEndsWithOneWhenSomeAre() throws Exception {
    try (CollectorProcess collector = new CollectorProcess(directory, "late-after = 1 s");
        TestDevice device = new TestDevice(directory, collector.start())) {
      assertEquals(0, collector.run("devices", "--late").exit());
      device.deliver(TestArchive.small(DEVICE, "2026-W47", 1));
      Result result = null;
      for (int i = 0; i < 20 && (result == null || result.exit() == 0); i++) {
        result = collector.run("devices", "--late");
      }
      assertEquals(1, result.exit());
      assertTrue(result.text().contains("LATE"), result.text());
    }
  }

  @Test
  void forgetsWithADaemonAndWithoutOne() throws Exception {
    try (CollectorProcess collector = new CollectorProcess(directory);
        TestDevice device = new TestDevice(directory, collector.start())) {
      device.deliver(TestArchive.small(DEVICE, "2026-W47", 1));
      device.deliver(TestArchive.small("other", "2026-W47", 2));
      Result asked = collector.run("forget", DEVICE);
      assertEquals(1, asked.exit());
      assertTrue(asked.errors().contains("nobody to ask; say --yes"), asked.errors());
      Result forgotten = collector.run("forget", DEVICE, "--yes");
      assertEquals("forgot " + DEVICE + " and its 1 archives\n", forgotten.text());
      assertFalse(Files.exists(collector.store().resolve(DEVICE)));
      device.deliver(TestArchive.small("third", "2026-W47", 3));
      collector.stop();
      Path receipt = collector.store().resolve("third/2026-W47.receipt.json");
      String given = Receipt.parse(Files.readAllBytes(receipt)).collector();
      Files.delete(receipt); // as if the crash had come before it
      assertEquals(
          "forgot other and its 1 archives\n", collector.run("forget", "other", "--yes").text());
      assertEquals(given, Receipt.parse(Files.readAllBytes(receipt)).collector());
      assertEquals(
          "forgot third and its 1 archives\n", collector.run("forget", "third", "--yes").text());
      assertEquals("no devices yet\n", collector.run("devices").text());
    }
  }

  @Test
  void forgetsWithoutADaemonForTheOwnerOfTheStoreOnly() throws Exception {
    try (CollectorProcess collector = new CollectorProcess(directory)) {
      Path store = Files.createDirectory(collector.store());
      UserPrincipal nobody =
          store.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
      assumeTrue(Files.getOwner(store).getName().equals("root"), "needs root to give a file away");
      Files.setOwner(store, nobody);
      Result refused = collector.run("forget", DEVICE, "--yes");
      assertEquals(1, refused.exit());
      assertTrue(
          refused
              .errors()
              .endsWith("runuser -u nobody -- pifleet-collector forget " + DEVICE + "\n"),
          refused.errors());
      try (Stream<Path> made = Files.list(store)) {
        assertEquals(List.of(), made.toList());
      }
      assertFalse(Files.exists(directory.resolve("state")));
    }
  }

  @Test
  void saysInOneSentenceWhyItCannotStart() throws Exception {
    try (CollectorProcess first = new CollectorProcess(directory);
        ServerSocket taken = new ServerSocket(0)) {
      first.start();
      Path other = Files.createDirectory(directory.resolve("other"));
      try (CollectorProcess second =
          new CollectorProcess(
              other,
              "store-dir = \"" + first.store() + "\"",
              "listen = \"127.0.0.1:" + taken.getLocalPort() + "\"")) {
        assertEquals(
            "pifleet-collector: the store "
                + first.store()
                + " is in use by process "
                + first.process().pid(),
            lastLine(second.run("run")));
      }
      Path third = Files.createDirectory(directory.resolve("third"));
      try (CollectorProcess late =
          new CollectorProcess(third, "listen = \"127.0.0.1:" + taken.getLocalPort() + "\"")) {
        String error = lastLine(late.run("run"));
        assertTrue(
            error.startsWith(
                "pifleet-collector: cannot listen on 127.0.0.1:" + taken.getLocalPort()),
            error);
      }
      Files.writeString(first.config(), "pifleet { transport = plain\n max-transfer = 3 }");
      Result wrong = first.run("check-config");
      assertEquals(2, wrong.exit());
      assertEquals(
          first.config() + ":2: pifleet.max-transfer is not known; did you mean max-transfers?\n",
          wrong.errors());
    }
  }

  @Test
  void namesThatAreNoneAreRefusedOnTheCommandLine() throws Exception {
    try (CollectorProcess collector = new CollectorProcess(directory)) {
      Files.createDirectory(collector.store());
      assertEquals(2, collector.run("export", "../../etc", "2026-W47").exit());
      assertEquals(2, collector.run("export", DEVICE, "../passwd").exit());
      Result missing = collector.run("export", DEVICE, "2026-W47");
      assertEquals(1, missing.exit());
      assertTrue(missing.errors().contains("no archive of a device " + DEVICE), missing.errors());
    }
  }

  @Test
  void manyArchivesLeaveNothingBehindInMemoryAndDescriptors() throws Exception {
    try (CollectorProcess collector =
            new CollectorProcess(directory).jvm("-Xmx20m").jvm("-XX:+ExitOnOutOfMemoryError");
        TestDevice device = new TestDevice(directory, collector.start())) {
      deliver(device, 0, 20);
      long descriptors = descriptors(collector);
      deliver(device, 20, 220);
      awaitDescriptors(collector, descriptors);
      JsonObject status = json(collector.run("status", "--json"));
      assertEquals(220, status.object("store").number("archives", -1));
      assertEquals(0, collector.stop(), collector.log());
    }
  }

  private static void deliver(TestDevice device, int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      TestArchive archive = TestArchive.small("pi-" + i % 50, "20261120T%06dZ".formatted(i), i);
      assertInstanceOf(Outcome.Stored.class, device.deliver(archive));
    }
  }

  private static long descriptors(CollectorProcess collector) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + collector.process().pid() + "/fd"))) {
      return open.count();
    }
  }

  /** The connection that was closed last may still be on its way. */
  private static void awaitDescriptors(CollectorProcess collector, long wanted)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (descriptors(collector) > wanted + 2 && System.nanoTime() < end) {
      Thread.sleep(20);
    }
    assertTrue(descriptors(collector) <= wanted + 2, descriptors(collector) + ", was " + wanted);
  }

  private static TestArchive large(String name) throws IOException {
    byte[] file = new byte[48 << 20];
    new Random(7).nextBytes(file);
    TestArchive.Builder builder = new TestArchive.Builder(DEVICE, name);
    builder.records("metrics/2026-11-20T07.lp", TestArchive.lines(100, 1));
    return builder.file("files/camera/film.mp4", file, 3 << 20).build();
  }

  private static CompletableFuture<Outcome> inBackground(TestDevice device, TestArchive archive) {
    CompletableFuture<Outcome> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(device.deliver(archive));
              } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
              }
            },
            "device");
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  private static void awaitIncoming(CollectorProcess collector, TestArchive archive, long bytes)
      throws IOException, InterruptedException {
    Path data =
        collector
            .store()
            .resolve(".incoming")
            .resolve(archive.manifest().device())
            .resolve(archive.manifest().digest().toString())
            .resolve("data");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!Files.exists(data) || Files.size(data) < bytes) {
      assertTrue(System.nanoTime() < end, "nothing arrives");
      Thread.sleep(1);
    }
  }

  private static JsonObject json(Result result) throws IOException {
    assertTrue(result.errors().isEmpty(), result.errors());
    return JsonObject.parse(result.text().lines().findFirst().orElse(""));
  }

  private static String lastLine(Result result) {
    assertEquals(1, result.exit(), result.errors());
    List<String> lines = result.errors().lines().toList();
    return lines.get(lines.size() - 1);
  }
}
