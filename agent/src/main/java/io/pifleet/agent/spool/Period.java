package io.pifleet.agent.spool;

import io.pifleet.protocol.ArchiveName;
import java.time.Instant;

/**
 * The interval that an archive covers.
 *
 * @param name as in {@link ArchiveName}
 * @param start inclusive
 * @param end exclusive
 */
public record Period(String name, Instant start, Instant end) {
  public Period {
    if (!ArchiveName.isPeriod(name) || !start.isBefore(end)) {
      throw new IllegalArgumentException("period " + name + " from " + start + " to " + end);
    }
  }
}
