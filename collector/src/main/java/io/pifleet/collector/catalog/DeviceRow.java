package io.pifleet.collector.catalog;

import java.time.Instant;

/**
 * A device and what it has delivered.
 *
 * @param id see {@link io.pifleet.protocol.DeviceId}
 * @param firstSeen when it first began to deliver
 * @param lastSeen when it last did
 * @param address from where; empty when the catalog was made from the store since
 * @param agent version of its agent; empty when it never said
 * @param archives how many are stored
 * @param bytes of them all
 * @param newest the name of the archive received last; empty when there is none
 * @param lastReceived when that was; null when there is none
 */
public record DeviceRow(
    String id,
    Instant firstSeen,
    Instant lastSeen,
    String address,
    String agent,
    int archives,
    long bytes,
    String newest,
    Instant lastReceived) {

  /** Whether nothing has come from it since an instant; one that is new has as long as any. */
  public boolean isLate(Instant since) {
    return (lastReceived == null ? firstSeen : lastReceived).isBefore(since);
  }
}
