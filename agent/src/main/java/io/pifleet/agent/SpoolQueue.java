package io.pifleet.agent;

import io.pifleet.agent.spool.SealedArchive;
import io.pifleet.agent.spool.SealedArchives;
import io.pifleet.agent.upload.ArchiveQueue;
import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.ArchiveSource;
import io.pifleet.protocol.wire.ProtocolException;
import io.pifleet.protocol.wire.Receipt;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The spool's sealed archives, as the upload sees them. Remembers a few facts of a few manifests,
 * so that looking at the queue does not mean reading them all. Thread-safe.
 */
final class SpoolQueue implements ArchiveQueue {
  private static final int MOST_REMEMBERED = 64;

  private final SealedArchives archives;
  private final Map<ArchiveName, Issue> issues = new HashMap<>(); // guarded by itself

  /** What does not change until an archive is issued again, which passes through here. */
  private record Issue(Sha256 digest, Instant sealed) {}

  SpoolQueue(SealedArchives archives) {
    this.archives = archives;
  }

  @Override
  public List<ArchiveName> sealed() throws IOException {
    List<ArchiveName> names = archives.names();
    synchronized (issues) {
      if (!issues.isEmpty()) {
        issues.keySet().retainAll(new HashSet<>(names));
      }
    }
    return names;
  }

  @Override
  public Instant sealedAt(ArchiveName name) throws IOException {
    return issue(name).sealed();
  }

  @Override
  public Set<String> receipts(ArchiveName name) throws IOException {
    Set<String> collectors = new HashSet<>();
    for (String collector : archives.receipts(name)) {
      if (isForIssue(name, archives.receipt(name, collector))) {
        collectors.add(collector);
      }
    }
    return collectors;
  }

  /** A receipt for an earlier issue, with other segments, proves nothing about this one. */
  private boolean isForIssue(ArchiveName name, byte[] receipt) throws IOException {
    try {
      return Receipt.parse(receipt).digest().equals(issue(name).digest());
    } catch (ProtocolException e) {
      return false;
    }
  }

  @Override
  public ArchiveSource open(ArchiveName name) throws IOException {
    SealedArchive archive = archives.open(name);
    remember(archive);
    return archive;
  }

  @Override
  public void addReceipt(ArchiveName name, String collectorId, byte[] receipt) throws IOException {
    archives.addReceipt(name, collectorId, receipt);
  }

  @Override
  public void deleteDelivered(ArchiveName name, int receiptsRequired) throws IOException {
    archives.delete(name, receiptsRequired);
  }

  @Override
  public boolean reissueWithout(ArchiveName name, Sha256 digest, int segment, BooleanSupplier goOn)
      throws IOException {
    SealedArchive archive = archives.open(name);
    if (!archive.manifest().digest().equals(digest) || !isLost(archive, segment)) {
      return false;
    }
    BitSet lost = new BitSet();
    for (int i = 0; i < archive.manifest().segments().count(); i++) { // rot seldom comes alone
      if (!goOn.getAsBoolean()) {
        return false;
      }
      lost.set(i, isLost(archive, i));
    }
    if (lost.isEmpty()) {
      return false; // the medium has changed its mind
    }
    archives.reissue(name, lost);
    remember(archives.open(name));
    return true;
  }

  /**
   * Whether the bytes of a segment are gone for good: no file, another size, another hash, or a
   * medium that does not give them back.
   *
   * @throws IOException when the file cannot be opened for any other reason: too many open files
   *     and missing rights say nothing about its bytes
   */
  private static boolean isLost(SealedArchive archive, int segment) throws IOException {
    try {
      return !archive.isIntact(segment);
    } catch (NoSuchFileException e) {
      return true;
    } catch (FileSystemException e) { // from open(2), with its errno as text
      if (isMediumError(e.getReason())) {
        return true;
      }
      throw e;
    } catch (IOException e) {
      if (e.getClass() == IOException.class) { // another size, or read(2) on an open file failed
        return true;
      }
      throw e; // a channel that was closed meanwhile
    }
  }

  /** EIO, and what file systems with checksums say (EUCLEAN, EBADMSG), as strerror(3) has it. */
  private static boolean isMediumError(String reason) {
    return "Input/output error".equals(reason)
        || "Structure needs cleaning".equals(reason)
        || "Bad message".equals(reason);
  }

  private Issue issue(ArchiveName name) throws IOException {
    synchronized (issues) {
      Issue known = issues.get(name);
      if (known != null) {
        return known;
      }
    }
    return remember(archives.open(name));
  }

  private Issue remember(SealedArchive archive) {
    Manifest manifest = archive.manifest();
    Issue issue = new Issue(manifest.digest(), manifest.sealed());
    synchronized (issues) {
      if (issues.size() >= MOST_REMEMBERED) {
        issues.clear();
      }
      issues.put(archive.name(), issue);
    }
    return issue;
  }
}
