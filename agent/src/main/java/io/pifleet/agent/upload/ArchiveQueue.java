package io.pifleet.agent.upload;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.ArchiveSource;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * What the upload needs of the spool: sealed archives and their receipts. Thread-safe.
 *
 * <p><b>Design note:</b> names only; an archive is opened when its turn comes, so that a year of
 * backlog costs a list of names.
 */
public interface ArchiveQueue {
  /** Sealed archives that are still here, oldest first. */
  List<ArchiveName> sealed() throws IOException;

  /** When it was sealed, by the device's clock. */
  Instant sealedAt(ArchiveName name) throws IOException;

  /** Ids of the collectors whose receipt is here. */
  Set<String> receipts(ArchiveName name) throws IOException;

  ArchiveSource open(ArchiveName name) throws IOException;

  /** Keeps a receipt, durably, and deletes the archive when it has as many as are required. */
  void addReceipt(ArchiveName name, String collectorId, byte[] receipt) throws IOException;

  /**
   * Reads one segment and compares it with its hash.
   *
   * @return true when it is rotten: the archive has been issued again without what was lost
   */
  boolean reissueWithout(ArchiveName name, Sha256 digest, int segment) throws IOException;
}
