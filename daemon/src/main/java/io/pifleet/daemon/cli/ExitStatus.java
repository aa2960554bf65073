package io.pifleet.daemon.cli;

/** What the process tells its caller; part of the command line's contract. */
public final class ExitStatus {
  /** Done, and nothing needs attention. */
  public static final int FINE = 0;

  /** Failed, or something needs attention. */
  public static final int FAILED = 1;

  /** The command line or the configuration is wrong. */
  public static final int USAGE = 2;

  private ExitStatus() {}
}
