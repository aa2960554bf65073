package io.pifleet.collector.store;

import io.pifleet.linux.ZstdDecompressor;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.archive.TarHeader;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * The records of a stored archive as line protocol: the contents of its {@code metrics/} members,
 * one after the other, with the clock corrections of the manifest applied where the device had only
 * raw stamps. Memory is a few buffers, whatever the archive's size. Not thread-safe.
 */
public final class ArchiveRecords {
  private static final String METRICS = "metrics/";
  private static final String RAW_STAMPS = METRICS + "boot-";

  /** Most boots whose corrections are kept; a manifest has room for more, no part has so many. */
  private static final int MAX_CLOCKS = 4_096;

  private static final int MAX_WINDOW_LOG = 23; // 8 MiB: protocol/README.md, section 2.3
  private static final int SOURCE_BYTES = 64 << 10;
  private static final int TARGET_BYTES = 128 << 10; // the longest block of zstd

  private final StoreLayout layout;
  private final ByteBuffer source = ByteBuffer.allocateDirect(SOURCE_BYTES);
  private final ByteBuffer target = ByteBuffer.allocateDirect(TARGET_BYTES);
  private final byte[] piece = new byte[TARGET_BYTES];

  public ArchiveRecords(StoreLayout layout) {
    this.layout = layout;
  }

  /**
   * Writes all records of an archive.
   *
   * @param out not closed
   * @throws IOException when the archive cannot be read, or does not decode
   */
  public void write(String device, StoredName name, OutputStream out) throws IOException {
    Path manifestFile = layout.manifest(device, name);
    Map<String, Long> corrections = new HashMap<>();
    Manifest manifest =
        ArchiveCommit.readManifest(
            manifestFile,
            new ManifestVisitor() {
              @Override
              public void clock(String boot, boolean known, long correctionNanos) {
                if (known && corrections.size() < MAX_CLOCKS) {
                  corrections.put(boot, correctionNanos);
                }
              }
            });
    try (FileChannel data =
            FileChannel.open(layout.archive(device, name), StandardOpenOption.READ);
        ZstdDecompressor decompressor = new ZstdDecompressor(MAX_WINDOW_LOG)) {
      // The hashes and sizes come behind the members, so this is the second reading.
      ArchiveCommit.readManifest(
          manifestFile, new Members(manifest, data, decompressor, corrections, out));
    }
  }

  private final class Members implements ManifestVisitor {
    private final Manifest manifest;
    private final long[] offsets;
    private final FileChannel data;
    private final ZstdDecompressor decompressor;
    private final Map<String, Long> corrections;
    private final OutputStream out;
    private int segmentOfLast = -1;
    private long tarOffset; // of the next member, in what the segment decodes to

    Members(
        Manifest manifest,
        FileChannel data,
        ZstdDecompressor decompressor,
        Map<String, Long> corrections,
        OutputStream out) {
      this.manifest = manifest;
      this.offsets = manifest.segments().offsets();
      this.data = data;
      this.decompressor = decompressor;
      this.corrections = corrections;
      this.out = out;
    }

    @Override
    public void member(String name, long sizeBytes, int firstSegment, int segments)
        throws IOException {
      if (firstSegment != segmentOfLast) {
        tarOffset = 0;
        segmentOfLast = firstSegment;
      }
      String tarName = manifest.device() + "/" + manifest.name() + "/" + name;
      long start = tarOffset + TarHeader.encode(tarName, sizeBytes, 0).remaining();
      if (name.startsWith(METRICS)) {
        long correction = correctionOf(name);
        if (correction == 0) {
          copy(firstSegment, firstSegment + segments, start, sizeBytes, out);
        } else {
          try (StampCorrector corrected = new StampCorrector(out, correction)) {
            copy(firstSegment, firstSegment + segments, start, sizeBytes, corrected);
          }
        }
      }
      tarOffset = start + sizeBytes + TarHeader.paddingOf(sizeBytes);
    }

    /** Of {@code metrics/boot-ID-N.lp}; 0 for members with real stamps, or when nobody knows. */
    private long correctionOf(String name) {
      int dash = name.lastIndexOf('-');
      if (!name.startsWith(RAW_STAMPS) || dash <= RAW_STAMPS.length()) {
        return 0;
      }
      return corrections.getOrDefault(name.substring(RAW_STAMPS.length(), dash), 0L);
    }

    /** What the segments decode to, {@code count} bytes from {@code start} on. */
    private void copy(int first, int end, long start, long count, OutputStream to)
        throws IOException {
      if (end > manifest.segments().count()) {
        throw new IOException("the manifest has no segment " + (end - 1));
      }
      long position = offsets[first];
      long limit = offsets[end];
      long skip = start;
      long left = count;
      decompressor.reset();
      source.clear().limit(0);
      while (left > 0) {
        if (!source.hasRemaining() && position < limit) {
          source.clear().limit((int) Math.min(source.capacity(), limit - position));
          int read = data.read(source, position);
          if (read < 0) {
            throw new EOFException("the archive ends at " + position);
          }
          position += read;
          source.flip();
        }
        target.clear();
        decompressor.decompress(source, target);
        target.flip();
        if (!target.hasRemaining() && !source.hasRemaining() && position >= limit) {
          throw new EOFException("segment " + (end - 1) + " ends " + left + " bytes too early");
        }
        int skipped = (int) Math.min(skip, target.remaining());
        target.position(skipped);
        skip -= skipped;
        int taken = (int) Math.min(left, target.remaining());
        target.get(piece, 0, taken);
        to.write(piece, 0, taken);
        left -= taken;
      }
    }
  }
}
