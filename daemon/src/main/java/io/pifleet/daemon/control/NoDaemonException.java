package io.pifleet.daemon.control;

import java.io.IOException;

/** Nobody answers at the control socket, or it is out of reach. */
public final class NoDaemonException extends IOException {
  private static final long serialVersionUID = 1L;

  NoDaemonException(String message, Throwable cause) {
    super(message, cause);
  }
}
