package io.pifleet.protocol.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.linux.ZstdCompressor;
import io.pifleet.linux.ZstdDecompressor;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestReader;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.archive.RawFrame;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.archive.TarHeader;
import io.pifleet.protocol.wire.Message;
import io.pifleet.protocol.wire.MessageReader;
import io.pifleet.protocol.wire.Need;
import io.pifleet.protocol.wire.Offer;
import io.pifleet.protocol.wire.Preamble;
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
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The golden vectors are what the code makes, and the code reads them back. Run with {@code
 * -Dpifleet.golden.write=true} to write them anew after a wanted change of the format.
 */
final class GoldenTest {
  private static final Path DIRECTORY = GoldenVectors.DIRECTORY;

  @BeforeAll
  static void writeWhenAsked() throws IOException {
    if (!Boolean.getBoolean("pifleet.golden.write")) {
      return;
    }
    Files.createDirectories(DIRECTORY);
    writeSegment(0, GoldenVectors.RECORDS_MEMBER, GoldenVectors.RECORDS, 1_795_161_600);
    writeSegment(1, GoldenVectors.FILE_MEMBER, GoldenVectors.FILE, 1_795_100_000);
    for (Map.Entry<String, byte[]> vector : GoldenVectors.make().entrySet()) {
      Files.write(DIRECTORY.resolve(vector.getKey()), vector.getValue());
    }
  }

  private static void writeSegment(int index, String member, String content, long mtime)
      throws IOException {
    ByteArrayOutputStream segment = new ByteArrayOutputStream();
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    String name = GoldenVectors.DEVICE + "/" + GoldenVectors.NAME + "/" + member;
    segment.writeBytes(RawFrame.encode(TarHeader.encode(name, bytes.length, mtime)).array());
    try (ZstdCompressor compressor = new ZstdCompressor(3, 17)) {
      ByteBuffer source = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
      ByteBuffer frame = ByteBuffer.allocateDirect(ZstdCompressor.bound(bytes.length));
      compressor.compressFrame(source, frame);
      byte[] encoded = new byte[frame.flip().remaining()];
      frame.get(encoded);
      segment.writeBytes(encoded);
    }
    ByteBuffer padding = ByteBuffer.allocate(TarHeader.paddingOf(bytes.length));
    segment.writeBytes(RawFrame.encode(padding).array());
    Files.write(DIRECTORY.resolve("segment-" + index + ".bin"), segment.toByteArray());
  }

  @Test
  void vectorsAreWhatTheCodeMakes() throws IOException {
    Map<String, byte[]> vectors = GoldenVectors.make();
    for (Map.Entry<String, byte[]> vector : vectors.entrySet()) {
      assertArrayEquals(
          vector.getValue(),
          Files.readAllBytes(DIRECTORY.resolve(vector.getKey())),
          vector.getKey());
    }
    Set<String> known = new TreeSet<>(vectors.keySet());
    known.addAll(Set.of("segment-0.bin", "segment-1.bin", "golden.md"));
    Set<String> found = new TreeSet<>();
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      files.forEach(file -> found.add(file.getFileName().toString()));
    }
    assertEquals(known, found);
  }

  @Test
  void everyVectorIsDescribed() throws IOException {
    String description = Files.readString(DIRECTORY.resolve("golden.md"));
    for (String name : GoldenVectors.make().keySet()) {
      assertTrue(description.contains("`" + name + "`"), name + " is not in golden.md");
    }
  }

  @Test
  void messagesReadBackAsWhatTheyWereMadeOf() throws IOException {
    assertEquals(Preamble.CURRENT, reader("preamble.bin").preamble());
    byte[] manifestBytes = Files.readAllBytes(DIRECTORY.resolve("manifest.json"));
    MessageReader offer = reader("offer.bin");
    assertEquals(
        new Offer(
            GoldenVectors.DEVICE,
            GoldenVectors.NAME,
            GoldenVectors.ATTEMPT,
            "0.1.0",
            manifestBytes.length),
        offer.next().orElseThrow());
    assertArrayEquals(manifestBytes, offer.manifest());
    assertTrue(offer.next().isEmpty());

    Need need = (Need) message("need.bin");
    assertEquals(1, need.grant());
    assertEquals(0, need.heldBytes());
    assertEquals(2, need.ranges().count());
    assertEquals(1, need.ranges().segment(1));
    assertEquals(0, need.ranges().offset(1));
    assertEquals(GoldenVectors.segment(1).length, need.ranges().length(1));
    assertEquals(new Message.Data(1, need.ranges().totalBytes()), message("data.bin"));
    assertEquals(new Message.Wait("storing", 1000, 2000), message("wait.bin"));
    assertEquals(new Message.Busy(Duration.ofSeconds(90), "16 transfers run"), message("busy.bin"));
    Message.Refused refused = (Message.Refused) message("refused.bin");
    assertEquals(OptionalInt.of(1), refused.segment());
    assertEquals("segment", refused.codeName());
    Message.Refused version = (Message.Refused) message("refused-version.bin");
    assertEquals(new Message.Versions(1, 1), version.versions().orElseThrow());
    Message.Have have = (Message.Have) message("have.bin");
    assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), have.signature());
    assertEquals(have.receipt(), ((Message.ReceiptMessage) message("receipt.bin")).receipt());
  }

  @Test
  void receiptAndManifestReadBack() throws IOException {
    byte[] manifestBytes = Files.readAllBytes(DIRECTORY.resolve("manifest.json"));
    Manifest manifest =
        ManifestReader.read(new ByteArrayInputStream(manifestBytes), ManifestVisitor.NONE);
    assertEquals(GoldenVectors.DEVICE, manifest.device());
    assertEquals(GoldenVectors.NAME, manifest.name());
    assertEquals(Instant.parse("2026-11-23T00:00:02.5Z"), manifest.sealed());
    assertEquals(2, manifest.members());
    assertEquals(1, manifest.gaps());
    assertEquals(Sha256.of(GoldenVectors.segment(0)), manifest.segments().hash(0));
    assertEquals(Files.size(DIRECTORY.resolve("archive.tar.zst")), manifest.archiveBytes());
    assertEquals(
        GoldenVectors.receipt(manifest),
        Receipt.parse(Files.readAllBytes(DIRECTORY.resolve("receipt.json"))));
  }

  @Test
  void segmentsHoldTheirMembers() throws IOException {
    byte[] tar = new byte[8192];
    int length;
    byte[] archive = Files.readAllBytes(DIRECTORY.resolve("archive.tar.zst"));
    try (ZstdDecompressor decompressor = new ZstdDecompressor(17)) {
      ByteBuffer source = ByteBuffer.allocateDirect(archive.length).put(archive).flip();
      ByteBuffer target = ByteBuffer.allocateDirect(tar.length);
      while (source.hasRemaining()) {
        decompressor.decompress(source, target);
      }
      length = target.flip().remaining();
      target.get(tar, 0, length);
    }
    assertEquals(0, length % 512);
    String text = new String(tar, 512, GoldenVectors.RECORDS.length(), StandardCharsets.UTF_8);
    assertEquals(GoldenVectors.RECORDS, text);
    text = new String(tar, 1536, GoldenVectors.FILE.length(), StandardCharsets.UTF_8);
    assertEquals(GoldenVectors.FILE, text);
  }

  @Test
  void commonToolsListTheArchive() throws Exception {
    String names =
        String.join(
            "\n",
            GoldenVectors.DEVICE + "/2026-W47.2/" + GoldenVectors.RECORDS_MEMBER,
            GoldenVectors.DEVICE + "/2026-W47.2/" + GoldenVectors.FILE_MEMBER,
            GoldenVectors.DEVICE + "/2026-W47.2/manifest.json",
            "");
    String archive = DIRECTORY.resolve("archive.tar.zst").toString();
    assertEquals(names, output("tar", "--zstd", "-tf", archive));
    assertEquals(names, output("bsdtar", "-tf", archive));
    assertEquals("", output("zstd", "-q", "-t", archive));
    assertEquals(
        Files.readString(DIRECTORY.resolve("manifest.json")),
        output(
            "tar", "--zstd", "-xOf", archive, GoldenVectors.DEVICE + "/2026-W47.2/manifest.json"));
  }

  @Test
  void anIndependentDecoderAgrees() throws Exception {
    String said = output("python3", "src/test/python/pifleet_golden.py", DIRECTORY.toString());
    assertTrue(said.endsWith("all golden vectors are right\n"), said);
  }

  private static MessageReader reader(String name) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(DIRECTORY.resolve(name)));
    return new MessageReader(
        target -> {
          if (!bytes.hasRemaining()) {
            return -1;
          }
          target.put(bytes.get()); // one byte at a time: nothing may depend on more
          return 1;
        },
        ByteBuffer.allocate(64));
  }

  private static Message message(String name) throws IOException {
    MessageReader reader = reader(name);
    Message message = reader.next().orElseThrow();
    assertTrue(reader.next().isEmpty(), name);
    return message;
  }

  private static String output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), command[0] + " hangs");
    assertEquals(0, process.exitValue(), output);
    return output;
  }
}
