package io.pifleet.linux;

import java.io.IOException;

/** A native library is missing or unusable; the message says which, and which package has it. */
public final class NativeLibraryException extends IOException {
  private static final long serialVersionUID = 1L;

  NativeLibraryException(String message) {
    super(message);
  }
}
