package io.pifleet.protocol.transfer;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestReader;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.archive.ManifestWriter;
import io.pifleet.protocol.archive.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An archive of random segments, each a file of its own, as a device would have sealed it. The
 * conversation does not look into segments, so these hold no frames.
 */
public final class SampleArchive implements ArchiveSource {
  private final List<Path> files;
  private final byte[] manifestBytes;
  private final Manifest manifest;
  private final AtomicInteger opened = new AtomicInteger();

  private SampleArchive(List<Path> files, byte[] manifestBytes) throws IOException {
    this.files = files;
    this.manifestBytes = manifestBytes;
    this.manifest =
        ManifestReader.read(new ByteArrayInputStream(manifestBytes), ManifestVisitor.NONE);
  }

  /**
   * @param directory gets the files {@code 0.seg}, {@code 1.seg}, …
   * @param seed the same one makes the same archive
   * @param sizes of the segments in bytes
   */
  public static SampleArchive make(Path directory, String device, long seed, int... sizes)
      throws IOException {
    Files.createDirectories(directory);
    Random random = new Random(seed);
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      byte[] bytes = new byte[sizes[i]];
      random.nextBytes(bytes);
      files.add(Files.write(directory.resolve(i + ".seg"), bytes));
    }
    return of(device, new ArchiveName("2026-W47", 1), files);
  }

  /** An archive of these files, one member for each. */
  public static SampleArchive of(String device, ArchiveName name, List<Path> files)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ManifestWriter writer = new ManifestWriter(bytes)) {
      Instant sealed = Instant.parse("2026-11-23T00:00:02Z");
      writer.begin(
          device,
          name,
          Instant.parse("2026-11-16T00:00:00Z"),
          Instant.parse("2026-11-23T00:00:00Z"),
          sealed,
          "0.1.0");
      for (int i = 0; i < files.size(); i++) {
        writer.member("files/sample/" + i + ".bin", Files.size(files.get(i)), i, 1);
      }
      for (Path file : files) {
        writer.segment(Sha256.of(Files.readAllBytes(file)), (int) Files.size(file));
      }
    }
    return new SampleArchive(List.copyOf(files), bytes.toByteArray());
  }

  @Override
  public Manifest manifest() {
    return manifest;
  }

  @Override
  public ByteBuffer manifestBytes() {
    return ByteBuffer.wrap(manifestBytes);
  }

  @Override
  public SegmentFile open(int segment) throws IOException {
    opened.incrementAndGet();
    return SegmentFile.whole(FileChannel.open(files.get(segment), StandardOpenOption.READ));
  }

  /** How often a segment's file was opened. */
  public int opened() {
    return opened.get();
  }

  public Path file(int segment) {
    return files.get(segment);
  }

  /** The segments, put together. */
  public byte[] content() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Path file : files) {
      all.write(Files.readAllBytes(file));
    }
    return all.toByteArray();
  }
}
