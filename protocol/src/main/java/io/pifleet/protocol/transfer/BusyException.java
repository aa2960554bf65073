package io.pifleet.protocol.transfer;

import java.io.IOException;
import java.time.Duration;

/** There is no time for a device now. The message is what it gets to read. */
public final class BusyException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Duration retryAfter;

  /**
   * @param retryAfter whole seconds count
   */
  public BusyException(Duration retryAfter, String reason) {
    super(reason);
    this.retryAfter = retryAfter;
  }

  public Duration retryAfter() {
    return retryAfter;
  }
}
