package io.pifleet.protocol.transfer;

import java.io.IOException;

/** The other side let a time limit pass; the connection was stopped for it. */
public final class StalledException extends IOException {
  private static final long serialVersionUID = 1L;

  StalledException(String message, Throwable cause) {
    super(message, cause);
  }
}
