package io.pifleet.collector.store;

import io.pifleet.protocol.archive.ArchiveEnd;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.wire.Receipt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a stored archive again, byte by byte, and compares it with its manifest, its receipt and
 * the hashes of its segments. Not thread-safe: one buffer serves all archives.
 */
public final class ArchiveVerifier {
  /** A disk that rots does not do so in one place; a screen of it is enough. */
  private static final int MAX_FINDINGS = 100;

  /** Follows the reading. */
  public interface Progress {
    /** So many bytes more have been read. */
    void read(long bytes);
  }

  private final StoreLayout layout;
  private final SegmentHasher hasher = new SegmentHasher();

  public ArchiveVerifier(StoreLayout layout) {
    this.layout = layout;
  }

  /**
   * @return what is wrong, one sentence each, at most {@value #MAX_FINDINGS} and one that says that
   *     there is more; empty when the archive is what it was
   */
  public List<String> verify(String device, StoredName name, Progress progress) {
    List<String> findings = new ArrayList<>();
    Manifest manifest;
    try {
      manifest = ArchiveCommit.readManifest(layout.manifest(device, name), ManifestVisitor.NONE);
      Receipt receipt = Receipts.read(layout.receipt(device, name));
      if (!receipt.digest().equals(manifest.digest())) {
        findings.add(
            "the manifest has digest "
                + manifest.digest()
                + ", the receipt was given for "
                + receipt.digest());
      }
    } catch (IOException e) {
      findings.add(Receipts.reason(e));
      return findings;
    }
    findings.addAll(verifyData(name, manifest, progress));
    return findings;
  }

  /** As {@link #verify}, for an archive that has no receipt yet. */
  List<String> verifyData(StoredName name, Manifest manifest, Progress progress) {
    List<String> findings = new ArrayList<>();
    if (!manifest.name().equals(name.archive())) {
      findings.add("the manifest calls itself " + manifest.name());
    }
    Path archive = layout.archive(manifest.device(), name);
    try (FileChannel data = FileChannel.open(archive, StandardOpenOption.READ)) {
      if (data.size() != manifest.archiveBytes()) {
        findings.add("has " + data.size() + " bytes; wanted: " + manifest.archiveBytes());
      }
      verifySegments(manifest, data, findings, progress);
      verifyEnd(name, manifest, data, findings);
    } catch (IOException e) {
      findings.add(Receipts.reason(e));
    }
    return findings;
  }

  private void verifySegments(
      Manifest manifest, FileChannel data, List<String> findings, Progress progress) {
    long[] offsets = manifest.segments().offsets();
    for (int i = 0; i < manifest.segments().count(); i++) {
      if (findings.size() >= MAX_FINDINGS) {
        findings.add("and so on");
        return;
      }
      int size = manifest.segments().sizeBytes(i);
      try {
        if (!hasher.hash(data, offsets[i], size).equals(manifest.segments().hash(i))) {
          findings.add("segment " + i + " (" + size + " bytes at " + offsets[i] + ") is rotten");
        }
      } catch (IOException e) {
        findings.add("segment " + i + " cannot be read: " + Receipts.reason(e));
      }
      progress.read(size);
    }
  }

  private void verifyEnd(
      StoredName name, Manifest manifest, FileChannel data, List<String> findings)
      throws IOException {
    byte[] bytes = Files.readAllBytes(layout.manifest(manifest.device(), name));
    if (bytes.length != manifest.lengthBytes()) {
      findings.add("the manifest changed while it was verified");
      return;
    }
    ByteBuffer wanted = ArchiveEnd.of(manifest, bytes);
    ByteBuffer found = ByteBuffer.allocate(wanted.remaining());
    long at = manifest.segments().totalBytes();
    while (found.hasRemaining()) {
      int read = data.read(found, at + found.position());
      if (read < 0) {
        break; // too short: the length has been reported
      }
    }
    if (!found.flip().equals(wanted)) {
      findings.add("its end does not match its manifest");
    }
  }
}
