package io.pifleet.protocol.transfer;

import io.pifleet.protocol.wire.ProtocolError;
import java.io.IOException;

/** An offer is refused. The message is what the device gets to read. */
public final class RefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final ProtocolError error;

  public RefusedException(ProtocolError error, String message) {
    super(message);
    this.error = error;
  }

  public RefusedException(ProtocolError error, String message, Throwable cause) {
    super(message, cause);
    this.error = error;
  }

  public ProtocolError error() {
    return error;
  }
}
