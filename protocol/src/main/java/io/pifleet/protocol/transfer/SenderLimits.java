package io.pifleet.protocol.transfer;

import java.time.Duration;

/**
 * Limits of a sender: protocol/README.md, section 3.6.
 *
 * @param connect for one address
 * @param reply for the next message, once everything asked for is sent
 * @param progress without a byte acknowledged while sending
 */
public record SenderLimits(Duration connect, Duration reply, Duration progress) {
  /** As in the specification. */
  public static final SenderLimits DEFAULT =
      new SenderLimits(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(120));
}
