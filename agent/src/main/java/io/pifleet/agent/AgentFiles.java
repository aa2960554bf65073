package io.pifleet.agent;

import java.nio.file.Path;

/** Where things lie in the state and runtime directories. */
public final class AgentFiles {
  private AgentFiles() {}

  /** The spool; belongs to the daemon, others only read. */
  public static Path spool(Path stateDir) {
    return stateDir.resolve("spool");
  }

  static Path pinnedCollector(Path stateDir) {
    return stateDir.resolve("collector");
  }

  /** Where the daemon listens for its own command line. */
  public static Path controlSocket(Path runtimeDir) {
    return runtimeDir.resolve("control.sock");
  }
}
