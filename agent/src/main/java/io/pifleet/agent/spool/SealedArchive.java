package io.pifleet.agent.spool;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.ArchiveEnd;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestReader;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.archive.SegmentTable;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.ArchiveSource;
import io.pifleet.protocol.transfer.SegmentFile;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * One archive in the spool, opened by its manifest. Holds the segment table, no descriptor; what it
 * shows is the archive as it was issued when this was opened. Thread-safe.
 */
public final class SealedArchive implements ArchiveSource {
  private final Path directory;
  private final Manifest manifest;

  private SealedArchive(Path directory, Manifest manifest) {
    this.directory = directory;
    this.manifest = manifest;
  }

  /** Reads {@code directory/manifest.json}, and shows what passes to {@code visitor}. */
  static SealedArchive open(Path directory, ManifestVisitor visitor) throws IOException {
    Path file = directory.resolve(SpoolFiles.MANIFEST);
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(file), 1 << 13)) {
      return new SealedArchive(directory, ManifestReader.read(stream, visitor));
    }
  }

  public ArchiveName name() {
    return manifest.name();
  }

  @Override
  public Manifest manifest() {
    return manifest;
  }

  /**
   * The manifest's bytes, {@link Manifest#lengthBytes()} of them, mapped from the file: no heap.
   *
   * @throws IOException also when the archive was issued again meanwhile, or deleted
   */
  @Override
  public ByteBuffer manifestBytes() throws IOException {
    try (FileChannel channel =
        FileChannel.open(directory.resolve(SpoolFiles.MANIFEST), StandardOpenOption.READ)) {
      ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      MessageDigest hasher = Sha256.hasher();
      hasher.update(bytes.duplicate());
      if (!Sha256.of(hasher).equals(manifest.digest())) {
        throw new IOException("archive " + name() + " was issued again since it was opened");
      }
      return bytes;
    }
  }

  /**
   * The file of one segment, from its first byte to its last; the caller closes it.
   *
   * @throws IOException when it is gone or does not have its size
   */
  public FileChannel openSegment(int index) throws IOException {
    SegmentTable segments = manifest.segments();
    FileChannel channel =
        FileChannel.open(segmentPath(segments.hash(index)), StandardOpenOption.READ);
    boolean whole = false;
    try {
      long found = channel.size();
      if (found != segments.sizeBytes(index)) {
        throw new IOException(
            "segment %d of archive %s has %d bytes; wanted: %d"
                .formatted(index, name(), found, segments.sizeBytes(index)));
      }
      whole = true;
      return channel;
    } finally {
      if (!whole) {
        channel.close();
      }
    }
  }

  @Override
  public SegmentFile open(int segment) throws IOException {
    return SegmentFile.whole(openSegment(segment));
  }

  /** Whether the segment on disk still has its hash. Reads all of it. */
  public boolean isIntact(int index) throws IOException {
    MessageDigest hasher = Sha256.hasher();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 14);
    try (FileChannel channel = openSegment(index)) {
      while (channel.read(buffer) >= 0) {
        hasher.update(buffer.flip());
        buffer.clear();
      }
    }
    return Sha256.of(hasher).equals(manifest.segments().hash(index));
  }

  /**
   * Writes the whole {@code .tar.zst}.
   *
   * @param target blocking
   * @return bytes written, {@link Manifest#archiveBytes()}
   */
  public long export(WritableByteChannel target) throws IOException {
    byte[] bytes = new byte[manifest.lengthBytes()];
    manifestBytes().get(bytes);
    ByteBuffer end = ArchiveEnd.of(manifest, bytes);
    long written = 0;
    for (int i = 0; i < manifest.segments().count(); i++) {
      try (FileChannel segment = openSegment(i)) {
        long size = manifest.segments().sizeBytes(i);
        long position = 0;
        while (position < size) {
          long moved = segment.transferTo(position, size - position, target);
          if (moved <= 0) {
            throw new EOFException(
                "segment %d of archive %s ended at %d of %d bytes"
                    .formatted(i, name(), position, size));
          }
          position += moved;
        }
        written += size;
      }
    }
    while (end.hasRemaining()) {
      written += target.write(end);
    }
    return written;
  }

  private Path segmentPath(Sha256 hash) {
    return directory.resolve(hash + SpoolFiles.SEGMENT_SUFFIX);
  }
}
