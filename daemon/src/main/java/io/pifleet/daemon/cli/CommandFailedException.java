package io.pifleet.daemon.cli;

/** A command cannot do what it was asked; the message is for the person who typed it. */
public final class CommandFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message says what is wrong and what to do, without a trailing full stop
   */
  public CommandFailedException(String message) {
    super(message);
  }
}
