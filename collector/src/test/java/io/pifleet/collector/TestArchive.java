package io.pifleet.collector;

import io.pifleet.linux.ZstdCompressor;
import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.ArchiveEnd;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestReader;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.archive.ManifestWriter;
import io.pifleet.protocol.archive.RawFrame;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.archive.TarHeader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** An archive as a device makes it, small enough to be held in memory. */
public final class TestArchive {
  public static final Instant SEALED = Instant.parse("2026-11-23T00:00:02Z");
  private static final int FRAME_BYTES = 64 << 10;

  private final Manifest manifest;
  private final byte[] manifestBytes;
  private final List<byte[]> segments;

  private TestArchive(Manifest manifest, byte[] manifestBytes, List<byte[]> segments) {
    this.manifest = manifest;
    this.manifestBytes = manifestBytes;
    this.segments = segments;
  }

  public Manifest manifest() {
    return manifest;
  }

  public byte[] manifestBytes() {
    return manifestBytes.clone();
  }

  public byte[] segment(int index) {
    return segments.get(index).clone();
  }

  /** The whole {@code .tar.zst}. */
  public byte[] bytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    segments.forEach(all::writeBytes);
    all.writeBytes(ArchiveEnd.of(manifest, manifestBytes).array());
    return all.toByteArray();
  }

  /** A small one: two record members, and a file of random bytes in three slices. */
  public static TestArchive small(String device, String name, long seed) throws IOException {
    Builder builder = new Builder(device, name);
    builder.records("metrics/2026-11-20T07.lp", "cpu,host=a load=1 1763622000000000000\n");
    builder.records("metrics/2026-11-20T08.lp", lines(2_000, seed));
    byte[] file = new byte[150_000];
    new Random(seed).nextBytes(file);
    builder.file("files/camera/srv/front.jpg", file, 60_000);
    return builder.build();
  }

  public static String lines(int count, long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("cpu,core=").append(i % 4).append(" load=").append(random.nextInt(100));
      text.append(' ').append(1_763_622_000_000_000_000L + i * 1_000_000_000L).append('\n');
    }
    return text.toString();
  }

  /** Puts an archive together; members in the order of the calls. */
  public static final class Builder {
    private final String device;
    private final ArchiveName name;
    private final List<byte[]> segments = new ArrayList<>();
    private final List<Object[]> members = new ArrayList<>();
    private final List<Object[]> clocks = new ArrayList<>();
    private long records;
    private Instant sealed = SEALED;

    public Builder(String device, String name) {
      this.device = device;
      this.name = ArchiveName.parse(name).orElseThrow();
    }

    public Builder sealed(Instant instant) {
      sealed = instant;
      return this;
    }

    public Builder clock(String boot, boolean known, long correctionNanos) {
      clocks.add(new Object[] {boot, known, correctionNanos});
      return this;
    }

    public Builder records(String member, String lines) throws IOException {
      records += lines.lines().count();
      byte[] content = lines.getBytes(StandardCharsets.UTF_8);
      return file(member, content, Integer.MAX_VALUE);
    }

    /** A member whose frames are put into segments of at most about so many bytes of content. */
    public Builder file(String member, byte[] content, int sliceBytes) throws IOException {
      int first = segments.size();
      ByteArrayOutputStream segment = new ByteArrayOutputStream();
      segment.writeBytes(
          RawFrame.encode(
                  TarHeader.encode(
                      device + "/" + name + "/" + member, content.length, sealed.getEpochSecond()))
              .array());
      int inSlice = 0;
      for (int at = 0; at < content.length; ) {
        int length = Math.min(Math.min(FRAME_BYTES, sliceBytes), content.length - at);
        if (inSlice > 0 && inSlice + length > sliceBytes) {
          segments.add(segment.toByteArray());
          segment.reset();
          inSlice = 0;
        }
        segment.writeBytes(frame(Arrays.copyOfRange(content, at, at + length)));
        at += length;
        inSlice += length;
      }
      segment.writeBytes(
          RawFrame.encode(ByteBuffer.allocate(TarHeader.paddingOf(content.length))).array());
      segments.add(segment.toByteArray());
      members.add(new Object[] {member, (long) content.length, first, segments.size() - first});
      return this;
    }

    /** A member in the segment of the one before. */
    public Builder sharing(String member, String content) throws IOException {
      byte[] segment = segments.remove(segments.size() - 1);
      file(member, content.getBytes(StandardCharsets.UTF_8), Integer.MAX_VALUE);
      byte[] added = segments.remove(segments.size() - 1);
      byte[] both = Arrays.copyOf(segment, segment.length + added.length);
      System.arraycopy(added, 0, both, segment.length, added.length);
      segments.add(both);
      return this;
    }

    /** Records whose size is said to be another one. */
    public Builder claiming(String member, String lines, long size) throws IOException {
      records(member, lines);
      members.get(members.size() - 1)[1] = size;
      return this;
    }

    public TestArchive build() throws IOException {
      ByteArrayOutputStream json = new ByteArrayOutputStream();
      try (ManifestWriter writer = new ManifestWriter(json)) {
        Instant from = Instant.parse("2026-11-16T00:00:00Z");
        writer.begin(device, name, from, from.plusSeconds(604_800), sealed, "0.1.0");
        writer.counter("records", records);
        for (Object[] clock : clocks) {
          writer.clock((String) clock[0], (Boolean) clock[1], (Long) clock[2]);
        }
        writer.gap(from, from.plusSeconds(10), "disk", "timeout", -1, "");
        for (Object[] member : members) {
          writer.member(
              (String) member[0], (Long) member[1], (Integer) member[2], (Integer) member[3]);
        }
        for (byte[] segment : segments) {
          writer.segment(Sha256.of(segment), segment.length);
        }
      }
      Manifest manifest =
          ManifestReader.read(new ByteArrayInputStream(json.toByteArray()), ManifestVisitor.NONE);
      return new TestArchive(manifest, json.toByteArray(), segments);
    }

    private static byte[] frame(byte[] content) throws IOException {
      ByteBuffer source = ByteBuffer.allocateDirect(content.length).put(content).flip();
      ByteBuffer target = ByteBuffer.allocateDirect(ZstdCompressor.bound(content.length));
      try (ZstdCompressor compressor = new ZstdCompressor(1, 17)) {
        byte[] frame = new byte[compressor.compressFrame(source, target)];
        target.get(0, frame);
        return frame;
      }
    }
  }
}
