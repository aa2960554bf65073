package io.pifleet.protocol.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.golden.GoldenVectors;
import io.pifleet.protocol.wire.Message;
import io.pifleet.protocol.wire.MessageReader;
import io.pifleet.protocol.wire.MessageWriter;
import io.pifleet.protocol.wire.Need;
import io.pifleet.protocol.wire.Offer;
import io.pifleet.protocol.wire.ProtocolError;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a collector does with peers that are broken, or mean it. */
@Timeout(60)
final class HostilePeerTest {
  @TempDir Path directory;
  private SampleArchive archive;
  private SampleStore store;
  private SampleCollector collector;

  @BeforeEach
  void start() throws IOException {
    archive = SampleArchive.make(directory.resolve("spool"), "pi-kitchen", 1, 60_000, 70_000);
    store = new SampleStore(directory.resolve("store"));
    ReceiverLimits limits = SampleCollector.LIMITS;
    collector =
        new SampleCollector(
            store,
            new ReceiverLimits(
                limits.grantMaxBytes(),
                Duration.ofMillis(500),
                Duration.ofMillis(1500),
                Duration.ofMillis(500),
                Duration.ofMillis(500),
                limits.waitInterval(),
                limits.takeoverPatience(),
                limits.linger()));
  }

  @AfterEach
  void stop() throws Exception {
    collector.close();
    assertTrue(collector.awaitIdle(Duration.ofSeconds(20)), "a receiver hangs");
    assertTrue(store.violations.isEmpty(), store.violations::toString);
    assertEquals(16, collector.slots.availablePermits());
    assertFalse(
        collector.events.stream().anyMatch(event -> event.contains("defect")),
        collector.events::toString);
  }

  /** A connection whose bytes are written by hand. */
  private final class Peer implements AutoCloseable {
    private final Socket socket;
    private final MessageReader reader;

    Peer() throws IOException {
      socket = new Socket(collector.address().getAddress(), collector.address().getPort());
      socket.setSoTimeout(20_000);
      reader =
          new MessageReader(
              target -> {
                byte[] bytes = new byte[target.remaining()];
                int read = socket.getInputStream().read(bytes);
                if (read > 0) {
                  target.put(bytes, 0, read);
                }
                return read;
              },
              ByteBuffer.allocate(4096));
    }

    void write(ByteBuffer... parts) throws IOException {
      for (ByteBuffer part : parts) {
        byte[] bytes = new byte[part.remaining()];
        part.duplicate().get(bytes);
        socket.getOutputStream().write(bytes);
      }
    }

    Message answer() throws IOException {
      return reader.next().orElseThrow(() -> new AssertionError("the collector said nothing"));
    }

    Message firstAnswer() throws IOException {
      assertTrue(reader.preamble().isSpoken());
      return answer();
    }

    boolean isEnded() throws IOException {
      return reader.next().isEmpty();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private ByteBuffer offer() {
    return copy(new MessageWriter().encode(offerMessage("pi-kitchen")));
  }

  private Offer offerMessage(String device) {
    return new Offer(
        device,
        archive.manifest().name(),
        new UUID(1, 2),
        "0.1.0",
        archive.manifest().lengthBytes());
  }

  private static ByteBuffer copy(ByteBuffer message) {
    return ByteBuffer.allocate(message.remaining()).put(message).flip();
  }

  private static ByteBuffer hex(String digits) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(digits.replace(" ", "")));
  }

  private void assertRefused(ProtocolError error, String text, ByteBuffer... parts)
      throws IOException {
    try (Peer peer = new Peer()) {
      peer.write(parts);
      Message.Refused refused = assertInstanceOf(Message.Refused.class, peer.firstAnswer());
      assertEquals(error.wireName(), refused.codeName(), refused::text);
      assertTrue(refused.text().contains(text), refused::text);
      assertTrue(peer.isEnded());
    }
  }

  @Test
  void answersNothingToWhatIsNotThisProtocol() throws IOException {
    try (Peer peer = new Peer()) {
      peer.write(StandardCharsets.US_ASCII.encode("GET / HTTP/1.1\r\nHost: pi\r\n\r\n"));
      assertEquals(-1, peer.socket.getInputStream().read());
    }
  }

  @Test
  void refusesAnotherMajorVersionAndSaysWhichItSpeaks() throws IOException {
    try (Peer peer = new Peer()) {
      peer.write(hex("5049464c 0002 0000"));
      Message.Refused refused = assertInstanceOf(Message.Refused.class, peer.firstAnswer());
      assertEquals("version", refused.codeName());
      assertEquals(new Message.Versions(1, 1), refused.versions().orElseThrow());
    }
  }

  @Test
  void takesAHigherMinorVersion() throws IOException {
    ByteBuffer offer = offer();
    offer.put(7, (byte) 9);
    try (Peer peer = new Peer()) {
      peer.write(offer, archive.manifestBytes());
      assertInstanceOf(Need.class, peer.firstAnswer());
    }
  }

  @Test
  void endsAConnectionThatSaysNothing() throws Exception {
    try (Peer peer = new Peer()) {
      assertEquals(-1, peer.socket.getInputStream().read());
    }
    assertTrue(collector.awaitIdle(Duration.ofSeconds(20)));
    assertTrue(
        collector.events.stream().anyMatch(event -> event.contains("no byte from /127.0.0.1")),
        collector.events::toString);
  }

  @Test
  void endsAConnectionThatDripsItsOffer() throws Exception {
    ByteBuffer offer = offer();
    try (Peer peer = new Peer()) {
      int dripped = 0;
      try {
        while (dripped < offer.limit()) { // a byte each 100 ms: never silent for 500 ms
          peer.write(offer.slice(dripped++, 1));
          TimeUnit.MILLISECONDS.sleep(100);
        }
      } catch (IOException e) {
        // That is what is wanted.
      }
      assertTrue(dripped < 60, "the whole OFFER could be dripped");
    }
    assertTrue(collector.awaitIdle(Duration.ofSeconds(20)));
    assertTrue(
        collector.events.stream()
            .anyMatch(event -> event.contains("no whole OFFER from") && event.contains("1500 ms")),
        collector.events::toString);
  }

  @Test
  void refusesLengthsPastTheLimitsBeforeItReadsFurther() throws IOException {
    String preamble = "5049464c 0001 0000";
    // OFFER of 4 GiB - 1
    assertRefused(ProtocolError.FIELD, "4294967295 bytes", hex(preamble + "01000001 ffffffff"));
    // OFFER with a manifest of 1 MiB + 1
    assertRefused(
        ProtocolError.FIELD,
        "manifest of OFFER has 1048577 bytes",
        hex(preamble + "01000001 00100007 8005 00100001"));
    // OFFER whose device has 65 bytes
    assertRefused(
        ProtocolError.FIELD,
        "device of OFFER has 65 bytes",
        hex(preamble + "01000001 00000047 8001 00000041"));
    // A field that is longer than its message
    assertRefused(
        ProtocolError.FIELD, "do not add up", hex(preamble + "01000001 00000010 8001 00000020"));
    // 65,535 fields
    assertRefused(ProtocolError.FIELD, "65535 fields", hex(preamble + "0100ffff 00001000"));
  }

  @Test
  void refusesWhatTheTableDoesNotKnow() throws IOException {
    String preamble = "5049464c 0001 0000";
    assertRefused(ProtocolError.MESSAGE, "type 99", hex(preamble + "63000000 00000000"));
    assertRefused(
        ProtocolError.MESSAGE, "where an OFFER", hex(preamble + "07000000 00000000")); // WAIT
    assertRefused(
        ProtocolError.FIELD,
        "required field 77 of OFFER is not known",
        hex(preamble + "01000001 00000007 804d 00000001 00"));
    assertRefused(
        ProtocolError.FIELD,
        "field 1 of OFFER twice",
        hex(preamble + "01000002 0000000e 8001 00000001 61 8001 00000001 61"));
    assertRefused(
        ProtocolError.FIELD, "device of OFFER is absent", hex(preamble + "01000000 00000000"));
  }

  @Test
  void skipsOptionalFieldsThatItDoesNotKnow() throws IOException {
    ByteBuffer known = offer();
    byte[] extra = new byte[6 + 300];
    ByteBuffer.wrap(extra).putShort((short) 77).putInt(300);
    ByteBuffer offer = ByteBuffer.allocate(known.limit() + extra.length);
    offer.put(known.slice(0, 16)).put(extra).put(known.slice(16, known.limit() - 16)).flip();
    offer.putShort(10, (short) (offer.getShort(10) + 1));
    offer.putInt(12, offer.getInt(12) + extra.length);
    try (Peer peer = new Peer()) {
      peer.write(offer, archive.manifestBytes());
      assertInstanceOf(Need.class, peer.firstAnswer());
    }
  }

  @Test
  void refusesNamesThatAreNone() throws IOException {
    for (String device : new String[] {"..", "../../etc", "Kitchen", "-pi", "a/b", "pi\0x"}) {
      byte[] name = device.getBytes(StandardCharsets.UTF_8);
      ByteBuffer fields = ByteBuffer.allocate(200);
      fields.putShort((short) 0x8001).putInt(name.length).put(name);
      fields.put(hex("8002 00000008")).put("2026-W47".getBytes(StandardCharsets.UTF_8));
      fields.put(hex("8003 00000004 00000001"));
      fields.put(hex("8004 00000010")).put(new byte[16]);
      fields.put(hex("8005 00000001 7b")).flip();
      ByteBuffer header = ByteBuffer.allocate(16).put(hex("5049464c 0001 0000 01000005"));
      header.putInt(fields.limit()).flip();
      assertRefused(ProtocolError.FIELD, "device of OFFER is", header, fields);
    }
  }

  @Test
  void refusesAManifestThatContradictsItsOffer() throws IOException {
    ByteBuffer offer = copy(new MessageWriter().encode(offerMessage("pi-attic")));
    assertRefused(
        ProtocolError.MANIFEST,
        "the manifest is of pi-kitchen 2026-W47; wanted as offered: pi-attic 2026-W47",
        offer,
        archive.manifestBytes());
    assertFalse(store.openCalled);
  }

  @Test
  void refusesAManifestThatIsNone() throws IOException {
    ByteBuffer manifest = archive.manifestBytes();
    byte[] broken = new byte[manifest.remaining()];
    manifest.get(broken);
    broken[broken.length / 2] = (byte) 0xff;
    assertRefused(ProtocolError.MANIFEST, "", offer(), ByteBuffer.wrap(broken));
    assertFalse(store.openCalled);
  }

  @Test
  void asksForASlotBeforeItReadsTheManifest() throws IOException {
    collector.slots.drainPermits();
    try (Peer peer = new Peer()) {
      peer.write(offer()); // and not a byte of the manifest
      assertInstanceOf(Message.Busy.class, peer.firstAnswer());
    } finally {
      collector.slots.release(16);
    }
  }

  @Test
  void endsAConnectionThatDripsItsData() throws Exception {
    SampleArchive little = SampleArchive.make(directory.resolve("little"), "pi-kitchen", 2, 500);
    try (Peer peer = new Peer()) {
      MessageWriter writer = new MessageWriter();
      Offer offer =
          new Offer(
              "pi-kitchen",
              little.manifest().name(),
              new UUID(1, 2),
              "",
              little.manifest().lengthBytes());
      peer.write(writer.encode(offer), little.manifestBytes());
      assertInstanceOf(Need.class, peer.firstAnswer());
      peer.write(writer.encode(new Message.Data(1, 500)));
      int dripped = 0;
      try {
        while (dripped++ < 100) { // a byte each 100 ms: never silent for 500 ms
          peer.write(ByteBuffer.allocate(1));
          TimeUnit.MILLISECONDS.sleep(100);
        }
      } catch (IOException e) {
        // That is what is wanted.
      }
      assertTrue(dripped < 60, "a grant could be dripped");
    }
    assertTrue(collector.awaitIdle(Duration.ofSeconds(20)));
    assertTrue(
        collector.events.stream().anyMatch(event -> event.contains("no whole grant from")),
        collector.events::toString);
  }

  @Test
  void asksForTheNextRangesBeforeTheLastOnesHaveCome() throws IOException {
    try (Peer peer = new Peer()) {
      MessageWriter writer = new MessageWriter();
      peer.write(writer.encode(offerMessage("pi-kitchen")), archive.manifestBytes());
      Need first = assertInstanceOf(Need.class, peer.firstAnswer());
      peer.write(writer.encode(new Message.Data(1, first.ranges().totalBytes())));
      Need second = assertInstanceOf(Need.class, peer.answer());
      assertEquals(2, second.grant());
      assertEquals(130_000, first.ranges().totalBytes() + second.ranges().totalBytes());
    }
  }

  @Test
  void takesANewOfferInPlaceOfTheDataAskedFor() throws IOException {
    try (Peer peer = new Peer()) {
      MessageWriter writer = new MessageWriter();
      peer.write(writer.encode(offerMessage("pi-kitchen")), archive.manifestBytes());
      Need first = assertInstanceOf(Need.class, peer.firstAnswer());
      assertEquals(1, first.grant());
      peer.write(writer.encode(offerMessage("pi-kitchen")), archive.manifestBytes());
      Need again = assertInstanceOf(Need.class, peer.answer());
      assertEquals(first, again);
    }
  }

  @Test
  void refusesDataThatNobodyAskedFor() throws IOException {
    for (Message.Data wrong :
        new Message.Data[] {new Message.Data(2, 60_000), new Message.Data(1, 59_999)}) {
      try (Peer peer = new Peer()) {
        MessageWriter writer = new MessageWriter();
        peer.write(writer.encode(offerMessage("pi-kitchen")), archive.manifestBytes());
        assertInstanceOf(Need.class, peer.firstAnswer());
        peer.write(writer.encode(wrong));
        Message.Refused refused = assertInstanceOf(Message.Refused.class, peer.answer());
        assertEquals("message", refused.codeName());
        assertTrue(refused.text().contains("wanted: grant 1 with 60000"), refused::text);
      }
    }
  }

  @Test
  void refusesASecondDeviceOnOneConnection() throws IOException {
    try (Peer peer = new Peer()) {
      MessageWriter writer = new MessageWriter();
      peer.write(writer.encode(offerMessage("pi-kitchen")), archive.manifestBytes());
      assertInstanceOf(Need.class, peer.firstAnswer());
      peer.write(writer.encode(offerMessage("pi-attic")), archive.manifestBytes());
      Message.Refused refused = assertInstanceOf(Message.Refused.class, peer.answer());
      assertEquals("device", refused.codeName());
    }
  }

  @Test
  void answersTheGoldenSessionToTheByte() throws IOException {
    try (Peer peer = new Peer()) {
      Path golden = GoldenVectors.DIRECTORY;
      peer.write(ByteBuffer.wrap(Files.readAllBytes(golden.resolve("session-device.bin"))));
      peer.socket.shutdownOutput();
      assertArrayEquals(
          Files.readAllBytes(golden.resolve("session-collector.bin")),
          peer.socket.getInputStream().readAllBytes());
    }
  }

  @Test
  void survivesRandomBytes() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      ByteBuffer offer = offer();
      byte[] junk = new byte[offer.limit()];
      offer.get(junk);
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        junk[8 + random.nextInt(junk.length - 8)] ^= (byte) (1 << random.nextInt(8));
      }
      try (Peer peer = new Peer()) {
        peer.write(ByteBuffer.wrap(junk), archive.manifestBytes());
        peer.socket.shutdownOutput();
        peer.socket.getInputStream().readAllBytes();
      } catch (IOException e) {
        // Refused in the middle of a write.
      }
    }
    assertTrue(collector.awaitIdle(Duration.ofSeconds(20)));
    // And it still works.
    try (SampleDevice device = new SampleDevice()) {
      assertInstanceOf(Outcome.Stored.class, device.offer(collector.address(), archive));
    }
  }
}
