package io.pifleet.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Peers that mean harm, or are broken, against a real collector that serves a good device too. */
class HostilePeersIT {
  private static final String HASH = "ab".repeat(32);
  private static final byte[] GOOD = RawPeer.manifest("pi-2", "metrics/x.lp", "10", HASH);

  /** Codes of protocol/README.md, 3.5: version, message, field, manifest, device. */
  private static final Set<Integer> FINAL_REFUSALS = Set.of(1, 2, 3, 4, 5);

  /** Heap, direct memory and code that the flags allow, and the JVM itself. */
  private static final long MOST_RESIDENT_BYTES = 420L << 20;

  @RegisterExtension private final Fleet fleet = new Fleet();
  private Collector collector;
  private Agent agent;

  @BeforeEach
  void startACollectorAndAGoodDevice() throws Exception {
    collector = fleet.collector("log-level = debug").start();
    agent =
        fleet
            .agent("pi-1", collector.address(), Inputs.probe(fleet.directory("probe"), "1 s", 5))
            .start();
  }

  @AfterEach
  void theGoodDeviceDeliversAndTheCollectorIsWell() throws Exception {
    Await.until("a record", () -> agent.status().object("spool").number("records", 0) > 0);
    agent.uploadNow();
    assertFalse(collector.archives("pi-1").isEmpty());
    assertTrue(collector.daemon().isAlive());
    assertEquals(List.of(), collector.status().texts("problems"));
    assertFalse(collector.daemon().logText().contains("ERROR"), collector.daemon().logText());
    long resident = collector.daemon().residentBytes();
    assertTrue(resident < MOST_RESIDENT_BYTES, resident + " bytes resident");
  }

  @Test
  void whatBreaksARuleIsRefusedForGoodAndLeavesNothing() throws Exception {
    Set<String> before = files();
    for (Map.Entry<String, byte[]> bad : badMessages().entrySet()) {
      int code =
          Await.value(
              Await.LONG,
              "an answer to " + bad.getKey(),
              () -> answer(bad.getValue()).filter(answer -> answer != 0));
      assertTrue(FINAL_REFUSALS.contains(code), bad.getKey() + " was answered with " + code);
    }
    assertEquals(before, files(), "something was written");
  }

  /** Code of the refusal; 0 when too many of these connections are just being ended. */
  private Optional<Integer> answer(byte[] message) throws IOException {
    try (RawPeer peer = new RawPeer(collector.address())) {
      peer.send(RawPeer.preamble(), message);
      return Optional.of(peer.refusal().orElse(-1));
    }
  }

  private static Map<String, byte[]> badMessages() {
    Map<String, byte[]> bad = new LinkedHashMap<>();
    bad.put("a message of 4 GiB", RawPeer.header(RawPeer.OFFER, 5, -1));
    bad.put("a message of 2 GiB", RawPeer.header(RawPeer.OFFER, 5, Integer.MAX_VALUE));
    bad.put("65,535 fields", RawPeer.header(RawPeer.OFFER, 0xFFFF, 100));
    bad.put("an unknown message", RawPeer.message(200));
    bad.put("data that nobody asked for", RawPeer.message(RawPeer.DATA, data(1), data(2)));
    bad.put("no fields", RawPeer.message(RawPeer.OFFER));
    byte[] offer = RawPeer.offer("pi-2", "2026-W40", 1, GOOD);
    byte[] longField = offer.clone();
    longField[10] = (byte) 0xFF; // the length of the first field becomes negative
    bad.put("a field that is longer than its message", longField);
    bad.put("a manifest of 2 MiB", RawPeer.offer("pi-2", "2026-W40", 1, new byte[2 << 20]));
    bad.put("a manifest of nothing", RawPeer.offer("pi-2", "2026-W40", 1, new byte[0]));
    bad.put("a manifest of zeros", RawPeer.offer("pi-2", "2026-W40", 1, new byte[1000]));
    String deep = "{\"format\": \"pifleet-archive/1\", \"x\": " + "[".repeat(500_000);
    bad.put("a deep manifest", RawPeer.offer("pi-2", "2026-W40", 1, deep.getBytes(UTF_8)));
    for (String device : List.of("../../etc", "..", "", "A", "a/b", "a\u0000", "x".repeat(65))) {
      bad.put("device '" + device + "'", RawPeer.offer(device, "2026-W40", 1, GOOD));
    }
    for (String period : List.of("../2026-W40", "2026-W60", "", "2026-W40/..")) {
      bad.put("period '" + period + "'", RawPeer.offer("pi-2", period, 1, GOOD));
    }
    for (int part : new int[] {0, -1, 10_000, Integer.MIN_VALUE}) {
      bad.put("part " + part, RawPeer.offer("pi-2", "2026-W40", part, GOOD));
    }
    bad.put("a manifest of another device", RawPeer.offer("pi-3", "2026-W40", 1, GOOD));
    for (String name :
        List.of("../x", "/etc/passwd", "files/../../x", "files//x", "a\\u0000b", "a\\nb", "")) {
      bad.put("member '" + name + "'", offer(RawPeer.manifest("pi-2", name, "10", HASH)));
    }
    for (String size : List.of("-1", "0", "4194305", "9223372036854775807", "1e99", "\"10\"")) {
      bad.put("size " + size, offer(RawPeer.manifest("pi-2", "metrics/x.lp", size, HASH)));
    }
    for (String hash : List.of("", "../" + "a".repeat(61), "zz".repeat(32), "ab".repeat(1000))) {
      bad.put("hash " + hash, offer(RawPeer.manifest("pi-2", "metrics/x.lp", "10", hash)));
    }
    return bad;
  }

  private static byte[] data(int tag) {
    return RawPeer.field(0x8000 | tag, tag == 1 ? RawPeer.u32(1) : new byte[8]);
  }

  private static byte[] offer(byte[] manifest) {
    return RawPeer.offer("pi-2", "2026-W40", 1, manifest);
  }

  /** Everything that exists around the store, but for what the good device delivers. */
  private Set<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(collector.daemon().directory())) {
      Set<String> names = new TreeSet<>();
      files
          .map(file -> collector.daemon().directory().relativize(file).toString())
          .filter(name -> !name.startsWith("state/") && !name.contains("pi-1"))
          .forEach(names::add);
      return names;
    }
  }

  @Test
  void garbageEndsOnlyTheConnectionThatItCameBy() throws Exception {
    Random random = new Random(20261120);
    byte[] offer = RawPeer.offer("pi-2", "2026-W40", 1, GOOD);
    for (int i = 0; i < 150; i++) {
      byte[] bytes;
      if (i % 2 == 0) {
        bytes = new byte[1 + random.nextInt(3000)];
        random.nextBytes(bytes);
      } else { // nearly right
        bytes = offer.clone();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try (RawPeer peer = new RawPeer(collector.address())) {
        if (i % 3 != 0) {
          peer.send(RawPeer.preamble());
        }
        peer.send(bytes).end();
        peer.refusal();
      } catch (SocketException e) {
        // Closed in the middle of what nobody wanted to read.
      }
    }
  }

  @Test
  void threeHundredConnectionsThatSayNothingKeepNobodyAway() throws Exception {
    List<RawPeer> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        RawPeer peer = new RawPeer(collector.address());
        silent.add(peer);
        if (i % 3 == 1) {
          peer.send(new byte[] {0x50, 0x49});
        } else if (i % 3 == 2) { // as much as can be said without offering anything
          peer.send(RawPeer.preamble(), RawPeer.header(RawPeer.OFFER, 5, 1_000_000));
        }
      }
      Await.until(
          "all are connected",
          () -> collector.status().object("connections").number("open", 0) >= 300);

      theGoodDeviceDeliversAndTheCollectorIsWell();

      assertTrue(collector.status().object("connections").number("open", 0) >= 300);
    } finally {
      for (RawPeer peer : silent) {
        peer.close();
      }
    }
    Await.until(
        "they are forgotten",
        () -> collector.status().object("connections").number("open", -1) <= 1);
  }

  @Test
  void devicesThatOfferAndThenSleepDoNotKeepTheSlots() throws Exception {
    List<RawPeer> sleepers = new ArrayList<>();
    try {
      for (int i = 0; i < 5; i++) {
        String device = "sleeper-" + i;
        byte[] manifest = RawPeer.manifest(device, "metrics/x.lp", "10", HASH);
        sleepers.add(
            new RawPeer(collector.address())
                .send(RawPeer.preamble(), RawPeer.offer(device, "2026-W40", 1, manifest)));
      }
      Await.until("they hold slots", () -> !collector.status().objects("transfers").isEmpty());
      theGoodDeviceDeliversAndTheCollectorIsWell();
    } finally {
      for (RawPeer sleeper : sleepers) {
        sleeper.close();
      }
    }
  }
}
