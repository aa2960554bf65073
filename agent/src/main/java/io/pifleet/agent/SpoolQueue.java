package io.pifleet.agent;

import io.pifleet.agent.spool.SealedArchive;
import io.pifleet.agent.spool.SealedArchives;
import io.pifleet.agent.upload.ArchiveQueue;
import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.ArchiveSource;
import io.pifleet.protocol.transfer.SegmentFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;

/** The spool's sealed archives, as the upload sees them. */
final class SpoolQueue implements ArchiveQueue {
  private final SealedArchives archives;
  private final IntSupplier receiptsRequired;

  SpoolQueue(SealedArchives archives, IntSupplier receiptsRequired) {
    this.archives = archives;
    this.receiptsRequired = receiptsRequired;
  }

  @Override
  public List<ArchiveName> sealed() throws IOException {
    return archives.names();
  }

  @Override
  public Instant sealedAt(ArchiveName name) throws IOException {
    return archives.open(name).manifest().sealed();
  }

  @Override
  public Set<String> receipts(ArchiveName name) throws IOException {
    return new HashSet<>(archives.receipts(name));
  }

  @Override
  public ArchiveSource open(ArchiveName name) throws IOException {
    return new Source(archives.open(name));
  }

  @Override
  public void addReceipt(ArchiveName name, String collectorId, byte[] receipt) throws IOException {
    archives.addReceipt(name, collectorId, receipt);
    archives.delete(name, receiptsRequired.getAsInt());
  }

  @Override
  public boolean reissueWithout(ArchiveName name, Sha256 digest, int segment) throws IOException {
    SealedArchive archive = archives.open(name);
    if (!archive.manifest().digest().equals(digest) || isIntact(archive, segment)) {
      return false;
    }
    BitSet lost = new BitSet();
    for (int i = 0; i < archive.manifest().segments().count(); i++) {
      lost.set(i, !isIntact(archive, i)); // rot seldom comes alone
    }
    archives.reissue(name, lost);
    return true;
  }

  private static boolean isIntact(SealedArchive archive, int segment) {
    try {
      return archive.isIntact(segment);
    } catch (IOException e) {
      return false; // what cannot be read cannot be delivered
    }
  }

  private record Source(SealedArchive archive) implements ArchiveSource {
    @Override
    public Manifest manifest() {
      return archive.manifest();
    }

    @Override
    public ByteBuffer manifestBytes() throws IOException {
      return archive.manifestBytes();
    }

    @Override
    public SegmentFile open(int segment) throws IOException {
      return SegmentFile.whole(archive.openSegment(segment));
    }
  }
}
