package io.pifleet.daemon.control;

import java.io.IOException;

/**
 * The daemon cannot do what it was asked. Thrown by a {@link ControlVerb}, it arrives at the caller
 * of {@link ControlClient#call} with the same message.
 */
public final class ControlFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int exit;

  /** With exit status 1. */
  public ControlFailedException(String message) {
    this(message, 1);
  }

  /**
   * @param exit what the client's process should end with; not 0
   */
  public ControlFailedException(String message, int exit) {
    super(message);
    this.exit = exit;
  }

  /** What the client's process should end with. */
  public int exit() {
    return exit;
  }
}
