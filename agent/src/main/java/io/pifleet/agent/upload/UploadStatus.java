package io.pifleet.agent.upload;

import io.pifleet.protocol.ArchiveName;
import java.time.Instant;
import java.util.Optional;

/**
 * What the upload thread does, for people. Immutable.
 *
 * @param waiting sealed archives without enough receipts
 * @param transfer the one that runs now
 * @param doing one sentence
 * @param lastError of the last attempt that failed since the last success
 * @param nextTry when the next attempt is due, where that is known
 * @param lastReceipt the newest one since the agent started
 */
public record UploadStatus(
    int waiting,
    Optional<Transfer> transfer,
    String doing,
    Optional<String> lastError,
    Optional<Instant> nextTry,
    Optional<LastReceipt> lastReceipt) {

  /**
   * A running transfer.
   *
   * @param heldBytes what the collector held verified before, and what its kernel has acknowledged
   *     since
   * @param totalBytes of all segments
   */
  public record Transfer(
      ArchiveName archive,
      String collector,
      long heldBytes,
      long totalBytes,
      long startedNanos,
      long resumedAtBytes) {}

  /** A receipt that came in. */
  public record LastReceipt(
      ArchiveName archive, String collector, Instant received, String storedAs, long bytes) {}
}
