package io.pifleet.agent.spool;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.DeviceId;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.wire.ProtocolException;
import io.pifleet.protocol.wire.Receipt;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/**
 * The sealed archives of a spool. Everything is read from the directory each time, so that reading
 * needs no daemon, and nothing grows with the backlog. Reading is thread-safe; changes of one
 * archive ({@link #addReceipt}, {@link #delete}, {@link #reissue}) exclude each other, and belong
 * to the one process that holds the spool.
 */
public final class SealedArchives {
  private final Path directory;

  private SealedArchives(Path directory) {
    this.directory = directory;
  }

  /**
   * @param directory the spool's; may be absent, which is a spool without archives
   */
  public static SealedArchives in(Path directory) {
    return new SealedArchives(directory);
  }

  /** Names of the sealed archives, oldest first. */
  public List<ArchiveName> names() throws IOException {
    List<ArchiveName> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        ArchiveName.parse(entry.getFileName().toString())
            .filter(name -> Files.exists(entry.resolve(SpoolFiles.MANIFEST)))
            .ifPresent(names::add);
      }
    } catch (NoSuchFileException e) {
      return names;
    }
    Collections.sort(names);
    return names;
  }

  /**
   * @throws NoSuchFileException when there is no such archive, with a sentence as its message
   */
  public SealedArchive open(ArchiveName name) throws IOException {
    return open(name, ManifestVisitor.NONE);
  }

  /** As {@link #open(ArchiveName)}; members, gaps and clocks pass by the visitor. */
  public SealedArchive open(ArchiveName name, ManifestVisitor visitor) throws IOException {
    try {
      return SealedArchive.open(path(name), visitor);
    } catch (NoSuchFileException e) {
      NoSuchFileException absent =
          new NoSuchFileException("no sealed archive " + name + " in " + directory);
      absent.initCause(e);
      throw absent;
    }
  }

  /** Ids of the collectors that have given a receipt for the archive, in no order. */
  public List<String> receipts(ArchiveName name) throws IOException {
    List<String> collectors = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            path(name), SpoolFiles.RECEIPT_PREFIX + "*" + SpoolFiles.RECEIPT_SUFFIX)) {
      for (Path entry : entries) {
        String file = entry.getFileName().toString();
        collectors.add(
            file.substring(
                SpoolFiles.RECEIPT_PREFIX.length(),
                file.length() - SpoolFiles.RECEIPT_SUFFIX.length()));
      }
    }
    return collectors;
  }

  /** Bytes of a collector's receipt. */
  public byte[] receipt(ArchiveName name, String collector) throws IOException {
    return Files.readAllBytes(receiptPath(name, collector));
  }

  /** Keeps a receipt durably. */
  public synchronized void addReceipt(ArchiveName name, String collector, byte[] bytes)
      throws IOException {
    SpoolFiles.replace(receiptPath(name, collector), target -> target.write(bytes));
  }

  /**
   * Deletes an archive that is safe elsewhere.
   *
   * @param receiptsRequired how many collectors must have acknowledged this very archive
   * @return false when there are not enough such receipts; nothing happened then
   */
  public synchronized boolean delete(ArchiveName name, int receiptsRequired) throws IOException {
    Manifest manifest = open(name).manifest();
    int valid = 0;
    for (String collector : receipts(name)) {
      if (isFor(manifest, collector, receipt(name, collector))) {
        valid++;
      }
    }
    if (valid < receiptsRequired) {
      return false;
    }
    SpoolFiles.deleteDirectory(path(name));
    return true;
  }

  /** Deletes an archive that is safe nowhere; the caller has recorded the gap. */
  synchronized void drop(ArchiveName name) throws IOException {
    SpoolFiles.deleteDirectory(path(name));
  }

  /**
   * Issues the archive again without the members that touch {@code lost} segments, with a gap of
   * reason {@code rot} for each run of them. The name stays, the digest is a new one; receipts for
   * the old one do not count for it. With no member left it is an archive of gaps.
   *
   * @param lost indexes of segments
   */
  public synchronized void reissue(ArchiveName name, BitSet lost) throws IOException {
    new Reissue(open(name), path(name), lost).run();
  }

  private static boolean isFor(Manifest manifest, String collector, byte[] receipt) {
    try {
      Receipt parsed = Receipt.parse(receipt);
      return parsed.device().equals(manifest.device())
          && parsed.digest().equals(manifest.digest())
          && parsed.collector().equals(collector);
    } catch (ProtocolException e) {
      return false; // torn or from another version: it proves nothing
    }
  }

  private Path path(ArchiveName name) {
    return directory.resolve(name.toString());
  }

  private Path receiptPath(ArchiveName name, String collector) {
    if (!DeviceId.isValid(collector)) {
      throw new IllegalArgumentException("\"" + collector + "\" is no collector id");
    }
    return path(name).resolve(SpoolFiles.RECEIPT_PREFIX + collector + SpoolFiles.RECEIPT_SUFFIX);
  }
}
