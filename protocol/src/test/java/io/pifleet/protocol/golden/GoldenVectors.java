package io.pifleet.protocol.golden;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.ArchiveEnd;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestReader;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.archive.ManifestWriter;
import io.pifleet.protocol.archive.RawFrame;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.archive.TarHeader;
import io.pifleet.protocol.wire.Message;
import io.pifleet.protocol.wire.MessageWriter;
import io.pifleet.protocol.wire.Need;
import io.pifleet.protocol.wire.Offer;
import io.pifleet.protocol.wire.Preamble;
import io.pifleet.protocol.wire.ProtocolError;
import io.pifleet.protocol.wire.Ranges;
import io.pifleet.protocol.wire.Receipt;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * Makes the golden vectors from the code, all but the two segments: those hold frames that another
 * version of libzstd may compress differently, so they are given.
 */
public final class GoldenVectors {
  public static final Path DIRECTORY = Path.of("src/test/resources/golden");
  public static final String DEVICE = "pi-kitchen-3fa2b1";
  public static final ArchiveName NAME = new ArchiveName("2026-W47", 2);
  public static final UUID ATTEMPT = new UUID(0x0011223344556677L, 0x8899aabbccddeeffL);
  static final String RECORDS_MEMBER = "metrics/2026-11-20T07.lp";
  static final String FILE_MEMBER = "files/notes/srv/notes/hello.txt";
  static final String RECORDS =
      "cpu,core=0 busy=0.25 1795158000000000000\ncpu,core=0 busy=0.5 1795158010000000000\n";
  static final String FILE = "Guten Tag.\n";
  static final int[] RAW_FRAME_SIZES = {0, 1, 255, 256, 512, 65_791, 65_792, 131_072, 131_073};

  private GoldenVectors() {}

  /** Name of the file to its content, in the order of golden.md. */
  static Map<String, byte[]> make() throws IOException {
    Map<String, byte[]> vectors = new LinkedHashMap<>();
    byte[] first = segment(0);
    byte[] second = segment(1);
    byte[] manifestBytes = manifest(first, second);
    Manifest manifest =
        ManifestReader.read(new ByteArrayInputStream(manifestBytes), ManifestVisitor.NONE);
    vectors.put("tar-header.bin", bytes(TarHeader.encode("a/b.txt", 1234, 1_763_276_400)));
    vectors.put(
        "tar-header-prefix.bin",
        bytes(
            TarHeader.encode("files/" + "d".repeat(90) + "/" + "f".repeat(60), 8_589_934_591L, 0)));
    vectors.put(
        "tar-header-pax.bin",
        bytes(TarHeader.encode("files/" + "ü".repeat(60) + ".jpg", 77, 1_763_276_400)));
    vectors.put(
        "tar-header-big.bin", bytes(TarHeader.encode("big.bin", 8_589_934_592L, 1_763_276_400)));
    vectors.put("raw-frames.txt", rawFrames());
    vectors.put("manifest.json", manifestBytes);
    byte[] end = bytes(ArchiveEnd.of(manifest, manifestBytes));
    vectors.put("archive-end.bin", end);
    vectors.put("archive.tar.zst", join(first, second, end));

    vectors.put("preamble.bin", preamble());
    vectors.put("offer.bin", offer(manifest, manifestBytes));
    Ranges ranges = new Ranges.Builder().add(0, 0, first.length).add(1, 0, second.length).build();
    vectors.put("need.bin", message(new Need(1, ranges, 0)));
    vectors.put("data.bin", message(new Message.Data(1, ranges.totalBytes())));
    vectors.put("wait.bin", message(new Message.Wait("storing", 1000, 2000)));
    vectors.put("busy.bin", message(new Message.Busy(Duration.ofSeconds(90), "16 transfers run")));
    vectors.put(
        "refused.bin",
        message(
            new Message.Refused(
                ProtocolError.SEGMENT.code(),
                true,
                "segment 1 did not match its hash 3 times",
                Optional.empty(),
                OptionalInt.of(1))));
    vectors.put(
        "refused-version.bin",
        message(
            new Message.Refused(
                ProtocolError.VERSION.code(),
                false,
                "major version 2; wanted: 1",
                Optional.of(new Message.Versions(1, 1)),
                OptionalInt.empty())));
    byte[] receipt = receipt(manifest).encode();
    vectors.put("receipt.json", receipt);
    ByteBuffer unsigned = ByteBuffer.allocate(0);
    vectors.put(
        "receipt.bin", message(new Message.ReceiptMessage(ByteBuffer.wrap(receipt), unsigned)));
    vectors.put(
        "have.bin",
        message(
            new Message.Have(ByteBuffer.wrap(receipt), ByteBuffer.wrap(new byte[] {1, 2, 3, 4}))));
    vectors.put(
        "session-device.bin",
        join(
            vectors.get("preamble.bin"),
            vectors.get("offer.bin"),
            vectors.get("data.bin"),
            first,
            second));
    vectors.put(
        "session-collector.bin",
        join(vectors.get("preamble.bin"), vectors.get("need.bin"), vectors.get("receipt.bin")));
    return vectors;
  }

  static byte[] segment(int index) throws IOException {
    return Files.readAllBytes(DIRECTORY.resolve("segment-" + index + ".bin"));
  }

  static Receipt receipt(Manifest manifest) {
    return new Receipt(
        DEVICE,
        NAME.toString(),
        manifest.digest(),
        manifest.archiveBytes(),
        Instant.parse("2026-11-23T03:12:45Z"),
        "attic-09ab34");
  }

  private static byte[] manifest(byte[] first, byte[] second) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (ManifestWriter writer = new ManifestWriter(target)) {
      writer.begin(
          DEVICE,
          NAME,
          Instant.parse("2026-11-20T00:00:00Z"),
          Instant.parse("2026-11-23T00:00:00Z"),
          Instant.parse("2026-11-23T00:00:02.5Z"),
          "0.1.0");
      writer.counter("records", 2);
      writer.counter("files", 1);
      writer.clock("4f1c0000-0000-4000-8000-000000000001", true, 0);
      writer.gap(
          Instant.parse("2026-11-20T09:00:10Z"),
          Instant.parse("2026-11-20T09:00:20Z"),
          "disk",
          "timeout",
          -1,
          "");
      writer.member(RECORDS_MEMBER, RECORDS.length(), 0, 1);
      writer.member(FILE_MEMBER, FILE.length(), 1, 1);
      writer.segment(Sha256.of(first), first.length);
      writer.segment(Sha256.of(second), second.length);
    }
    return target.toByteArray();
  }

  private static byte[] offer(Manifest manifest, byte[] manifestBytes) {
    MessageWriter writer = new MessageWriter();
    byte[] head =
        bytes(
            writer.encode(
                new Offer(DEVICE, NAME, ATTEMPT, manifest.agent(), manifestBytes.length)));
    return join(java.util.Arrays.copyOfRange(head, Preamble.BYTES, head.length), manifestBytes);
  }

  /** Without the preamble that the first message of a connection has. */
  private static byte[] message(Message message) {
    byte[] encoded = bytes(new MessageWriter().encode(message));
    return java.util.Arrays.copyOfRange(encoded, Preamble.BYTES, encoded.length);
  }

  private static byte[] preamble() {
    ByteBuffer buffer = ByteBuffer.allocate(Preamble.BYTES);
    Preamble.CURRENT.write(buffer);
    return buffer.array();
  }

  /** Byte i of the content is i modulo 251, a prime: blocks that are swapped are noticed. */
  static byte[] rawFrameContent(int length) {
    byte[] content = new byte[length];
    for (int i = 0; i < length; i++) {
      content[i] = (byte) (i % 251);
    }
    return content;
  }

  private static byte[] rawFrames() {
    StringBuilder text =
        new StringBuilder("# content-bytes frame-bytes sha256-of-frame first-12\n");
    for (int size : RAW_FRAME_SIZES) {
      byte[] frame = bytes(RawFrame.encode(ByteBuffer.wrap(rawFrameContent(size))));
      text.append(size).append(' ').append(frame.length).append(' ').append(Sha256.of(frame));
      text.append(' ');
      text.append(size == 0 ? "-" : HexFormat.of().formatHex(frame, 0, Math.min(12, frame.length)));
      text.append('\n');
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
