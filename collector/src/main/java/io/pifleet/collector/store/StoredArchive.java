package io.pifleet.collector.store;

import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import java.time.Instant;

/**
 * What is known of an archive that is stored: the part of its manifest and receipt that people ask
 * for. Times are in whole seconds: no device's clock is better, and every {@code Instant} has them.
 *
 * @param device whose it is
 * @param name under which it is stored
 * @param digest of the manifest
 * @param from start of the interval that it covers
 * @param to its end
 * @param sealed when, by the device's clock
 * @param received when, by the collector's clock
 * @param bytes length of the {@code .tar.zst}
 * @param records how many the device counted, 0 when it did not say
 * @param gaps intervals for which data is missing
 * @param members files in the archive, the manifest not counted
 * @param segments how many
 * @param agent version of the agent that sealed it
 */
public record StoredArchive(
    String device,
    StoredName name,
    Sha256 digest,
    Instant from,
    Instant to,
    Instant sealed,
    Instant received,
    long bytes,
    long records,
    int gaps,
    int members,
    int segments,
    String agent) {

  static StoredArchive of(StoredName name, Manifest manifest, Instant received) {
    return new StoredArchive(
        manifest.device(),
        name,
        manifest.digest(),
        wholeSeconds(manifest.from()),
        wholeSeconds(manifest.to()),
        wholeSeconds(manifest.sealed()),
        wholeSeconds(received),
        manifest.archiveBytes(),
        manifest.counters().getOrDefault("records", 0L),
        manifest.gaps(),
        manifest.members(),
        manifest.segments().count(),
        manifest.agent());
  }

  private static Instant wholeSeconds(Instant instant) {
    return Instant.ofEpochSecond(instant.getEpochSecond());
  }
}
