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
 * @param lastError of the last attempt that failed, until one succeeds
 * @param nextTry when there is something to do again, where that is known
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
   * @param resumedAtBytes what it held before; negative until it has said so
   * @param startedNanos {@link System#nanoTime}
   * @param movedNanos when bytes were acknowledged last, or the collector said that it works
   */
  public record Transfer(
      ArchiveName archive,
      String collector,
      long heldBytes,
      long totalBytes,
      long resumedAtBytes,
      long startedNanos,
      long movedNanos) {}

  /**
   * A receipt that came in.
   *
   * @param storedAs the archive's name at the collector
   * @param bytes of the stored {@code .tar.zst}
   */
  public record LastReceipt(
      ArchiveName archive, String collector, Instant received, String storedAs, long bytes) {}
}
