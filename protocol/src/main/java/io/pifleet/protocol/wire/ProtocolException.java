package io.pifleet.protocol.wire;

import java.io.IOException;

/** The other side broke the protocol. The message says what was found and what was wanted. */
public final class ProtocolException extends IOException {
  private static final long serialVersionUID = 1L;

  private final ProtocolError error;

  public ProtocolException(ProtocolError error, String message) {
    super(message);
    this.error = error;
  }

  public ProtocolException(ProtocolError error, String message, Throwable cause) {
    super(message, cause);
    this.error = error;
  }

  /** What to answer to it, where an answer is possible. */
  public ProtocolError error() {
    return error;
  }
}
