package io.pifleet.agent.upload;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.ArchiveSource;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What the upload needs of the spool: sealed archives and their receipts. Thread-safe.
 *
 * <p>An archive may go at any time, because the spool is full: every method that is given a name
 * throws {@link java.nio.file.NoSuchFileException} then.
 *
 * <p><b>Design note:</b> names only; an archive is opened when its turn comes, so that a year of
 * backlog costs a list of names.
 */
public interface ArchiveQueue {
  /** Sealed archives that are still here, oldest first. */
  List<ArchiveName> sealed() throws IOException;

  /** When it was sealed, by the device's clock. */
  Instant sealedAt(ArchiveName name) throws IOException;

  /** Ids of the collectors that acknowledged the archive as it is issued now. */
  Set<String> receipts(ArchiveName name) throws IOException;

  ArchiveSource open(ArchiveName name) throws IOException;

  /** Keeps a receipt, durably. */
  void addReceipt(ArchiveName name, String collectorId, byte[] receipt) throws IOException;

  /** Deletes an archive that has as many receipts as are required, and no other. */
  void deleteDelivered(ArchiveName name, int receiptsRequired) throws IOException;

  /**
   * Reads one segment and compares it with its hash; when it is lost, all the others too.
   *
   * @param digest of the archive as it was offered
   * @param goOn asked before each segment; false gives up, with nothing changed
   * @return true when it is lost: the archive has been issued again without what is
   * @throws IOException also when the segment cannot be read now for a reason that says nothing
   *     about its bytes
   */
  boolean reissueWithout(ArchiveName name, Sha256 digest, int segment, BooleanSupplier goOn)
      throws IOException;
}
