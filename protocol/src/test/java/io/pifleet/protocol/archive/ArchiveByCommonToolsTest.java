package io.pifleet.protocol.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.ArchiveName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the system's own tar, bsdtar and zstd make of an archive. */
final class ArchiveByCommonToolsTest {
  private static final String LONG_ASCII = "files/cam/" + "d".repeat(60) + "/" + "f".repeat(90);
  private static final String LONG_COMPONENT = "files/cam/" + "x".repeat(180) + ".jpg";
  private static final String UMLAUT = "files/cam/tür/größe.txt";

  private final ByteArrayOutputStream archive = new ByteArrayOutputStream();
  private final SegmentTable.Builder segments = new SegmentTable.Builder();
  private final ByteArrayOutputStream manifestBytes = new ByteArrayOutputStream();
  private final List<String> names =
      List.of("metrics/2025-11-12T07.lp", LONG_ASCII, LONG_COMPONENT, UMLAUT);

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void writeArchive() throws IOException {
    try (ManifestWriter manifest = new ManifestWriter(manifestBytes)) {
      Instant from = Instant.parse("2025-11-10T00:00:00Z");
      Instant to = Instant.parse("2025-11-17T00:00:00Z");
      manifest.begin("pi-1", new ArchiveName("2025-W46", 2), from, to, to.plusSeconds(2), "0.1.0");
      manifest.counter("records", 7);
      manifest.gap(from, from.plusSeconds(10), "disk", "timeout", -1, "");
      for (int i = 0; i < names.size(); i++) {
        manifest.member(names.get(i), content(i).length, i, 1);
        writeSegment(names.get(i), content(i));
      }
      SegmentTable table = segments.build();
      for (int i = 0; i < table.count(); i++) {
        manifest.segment(table.hash(i), table.sizeBytes(i));
      }
    }
    byte[] bytes = manifestBytes.toByteArray();
    Manifest manifest = ManifestReader.read(new ByteArrayInputStream(bytes), ManifestVisitor.NONE);
    archive.write(ArchiveEnd.of(manifest, bytes).array());
    file = directory.resolve("a.tar.zst");
    Files.write(file, archive.toByteArray());
    assertEquals(manifest.archiveBytes(), Files.size(file));
  }

  @Test
  void gnuTarListsAndExtractsEveryMember() throws Exception {
    extractsEveryMember("tar", "--zstd", "-xf");
  }

  @Test
  void bsdtarListsAndExtractsEveryMember() throws Exception {
    extractsEveryMember("bsdtar", "-xf");
  }

  @Test
  void zstdFindsNothingWrong() throws Exception {
    run("zstd", "-q", "-t", file.toString());
  }

  private void extractsEveryMember(String... command) throws Exception {
    Path target = Files.createDirectory(directory.resolve("out"));
    String[] whole = Arrays.copyOf(command, command.length + 3);
    whole[command.length] = file.toString();
    whole[command.length + 1] = "-C";
    whole[command.length + 2] = target.toString();
    assertEquals("", run(whole), "nothing to complain about");
    Path root = target.resolve("pi-1/2025-W46.2");
    for (int i = 0; i < names.size(); i++) {
      assertEquals(
          new String(content(i), StandardCharsets.UTF_8),
          Files.readString(root.resolve(names.get(i))));
    }
    assertEquals(
        manifestBytes.toString(StandardCharsets.UTF_8),
        Files.readString(root.resolve("manifest.json")));
  }

  private static byte[] content(int index) {
    return ("content " + index + "\n").repeat(index * 100).getBytes(StandardCharsets.UTF_8);
  }

  private void writeSegment(String name, byte[] content) throws IOException {
    ByteBuffer segment = ByteBuffer.allocate(1 << 20);
    RawFrame.encode(TarHeader.encode("pi-1/2025-W46.2/" + name, content.length, 1), segment);
    RawFrame.encode(ByteBuffer.wrap(content), segment);
    RawFrame.encode(ByteBuffer.allocate(TarHeader.paddingOf(content.length)), segment);
    byte[] bytes = Arrays.copyOf(segment.array(), segment.position());
    segments.add(Sha256.of(bytes), bytes.length);
    archive.write(bytes);
  }

  private String run(String... command) throws Exception {
    File output = directory.resolve("output").toFile();
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.redirectOutput(output).start();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "ends within 30 s");
    String text = Files.readString(output.toPath());
    assertEquals(0, process.exitValue(), () -> String.join(" ", command) + ": " + text);
    return text;
  }
}
