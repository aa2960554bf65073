package io.pifleet.protocol.transfer;

/**
 * Sees an offer advance. Called on the sending thread, after each message of the collector and each
 * range: must be quick. What the peer has acknowledged in the meantime is to be had from {@link
 * ArchiveSender#acknowledgedBytes} at any time.
 */
public interface SendProgress {
  /** Sees nothing. */
  SendProgress NONE =
      new SendProgress() {
        @Override
        public void advanced(long heldBytes, long grantedBytes, long sentBytes) {}
      };

  /**
   * All in bytes of the archive's segments; bytes that are asked for again count again.
   *
   * @param heldBytes what the collector had before this offer
   * @param grantedBytes what it has asked for since
   * @param sentBytes what of that was handed to the kernel
   */
  void advanced(long heldBytes, long grantedBytes, long sentBytes);

  /**
   * The collector works and will answer.
   *
   * @param doing for people; may be empty
   * @param done of {@code total} bytes; -1 when not said
   * @param total -1 when not said
   */
  default void waiting(String doing, long done, long total) {}
}
