package io.pifleet.agent.spool;

import io.pifleet.protocol.ArchiveName;

/** Hears of new archives. */
public interface SpoolListener {
  /** Hears nothing. */
  SpoolListener NONE = name -> {};

  /** The archive is sealed and durable. Called on the thread {@code files}; must not block. */
  void archiveSealed(ArchiveName name);
}
