package io.pifleet.protocol.archive;

import java.io.IOException;

/** A manifest breaks a rule. The message says where, what was found and what was wanted. */
public final class ManifestException extends IOException {
  private static final long serialVersionUID = 1L;

  public ManifestException(String message) {
    super(message);
  }

  public ManifestException(String message, Throwable cause) {
    super(message, cause);
  }
}
