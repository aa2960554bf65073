package io.pifleet.linux;

import java.io.IOException;

/** A system or library call returned an error. */
public final class NativeCallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final int errno;

  NativeCallException(String call, int errno) {
    this(call, errno, "");
  }

  /**
   * An error with advice.
   *
   * @param remedy what would help, as the end of a sentence ("needs CAP_NET_ADMIN"); may be empty
   */
  NativeCallException(String call, int errno, String remedy) {
    super(call + ": " + Errno.describe(errno) + (remedy.isEmpty() ? "" : "; " + remedy));
    this.call = call;
    this.errno = errno;
  }

  /** The call as a programmer would name it: {@code setsockopt(SO_SNDBUF)}. */
  public String call() {
    return call;
  }

  /** The number from {@code errno.h}. */
  public int errno() {
    return errno;
  }
}
