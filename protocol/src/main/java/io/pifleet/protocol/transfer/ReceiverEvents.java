package io.pifleet.protocol.transfer;

import io.pifleet.protocol.wire.Offer;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;

/**
 * Sees what receivers do: for counters, the list of live transfers, the log. Called on the
 * receivers' threads, so thread-safe; must not throw.
 */
public interface ReceiverEvents {
  /** Sees nothing. */
  ReceiverEvents NONE = new ReceiverEvents() {};

  /** An offer was read and is admitted; its manifest is not read yet. */
  default void offered(SocketAddress remote, Offer offer) {}

  /** An archive starts or goes on arriving. {@link #ended} follows. */
  default void started(LiveTransfer transfer) {}

  /** It no longer arrives on this connection; {@code stored} whether it is stored now. */
  default void ended(LiveTransfer transfer, boolean stored) {}

  /** An offer was answered with the receipt of what is stored already. */
  default void had(SocketAddress remote, Offer offer) {}

  /** A segment did not match its hash for the {@code times}-th time on this connection. */
  default void mismatched(LiveTransfer transfer, int segment, int times) {}

  /** An older connection that delivered the same archive was ended for this one. */
  default void tookOver(SocketAddress remote, Offer offer) {}

  /**
   * @param device empty when it is not known yet
   */
  default void busy(SocketAddress remote, String device, Duration retryAfter, String reason) {}

  /**
   * @param device empty when it is not known yet
   * @param cause what was wrong: {@link RefusedException}, {@link
   *     io.pifleet.protocol.wire.ProtocolException}, {@link
   *     io.pifleet.protocol.archive.ManifestException}, or the store's own
   */
  default void refused(SocketAddress remote, String device, IOException cause) {}

  /**
   * The connection broke or timed out. Normal: the device comes back.
   *
   * @param device empty when it is not known yet
   */
  default void broke(SocketAddress remote, String device, IOException cause) {}
}
