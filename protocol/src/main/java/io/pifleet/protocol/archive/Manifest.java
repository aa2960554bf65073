package io.pifleet.protocol.archive;

import io.pifleet.protocol.ArchiveName;
import java.time.Instant;
import java.util.Map;

/**
 * What both sides keep of a manifest while its archive moves. Members, gaps and clocks are not
 * among it: they pass by a {@link ManifestVisitor} while the manifest is read, so that memory does
 * not grow with them.
 *
 * @param digest SHA-256 of the manifest's bytes: the identity of the archive
 * @param lengthBytes of the manifest
 * @param device see {@link io.pifleet.protocol.DeviceId}
 * @param name period and part
 * @param from start of the interval that this part covers
 * @param to its end
 * @param sealed when the device sealed it, by its own clock
 * @param agent version of the agent
 * @param counters what the device counted; at most {@link ManifestReader#MAX_COUNTERS}
 * @param members how many members there are, {@code manifest.json} not counted
 * @param gaps how many gaps there are
 * @param segments hash and size of each segment
 */
public record Manifest(
    Sha256 digest,
    int lengthBytes,
    String device,
    ArchiveName name,
    Instant from,
    Instant to,
    Instant sealed,
    String agent,
    Map<String, Long> counters,
    int members,
    int gaps,
    SegmentTable segments) {
  /** Longest manifest, in bytes. */
  public static final int MAX_BYTES = 1 << 20;

  /** Value of the {@code format} key. */
  public static final String FORMAT = "pifleet-archive/1";

  public Manifest {
    counters = Map.copyOf(counters);
  }

  /** Length of the whole {@code .tar.zst}: segments and end. */
  public long archiveBytes() {
    return segments.totalBytes() + ArchiveEnd.lengthBytes(this);
  }
}
