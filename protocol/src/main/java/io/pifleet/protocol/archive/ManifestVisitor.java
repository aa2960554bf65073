package io.pifleet.protocol.archive;

import java.io.IOException;
import java.time.Instant;

/**
 * Sees the parts of a manifest that are not kept. Every method is called on the thread that reads
 * the manifest, after the entry was checked by itself; whether the whole manifest is valid is known
 * only when the reader returns.
 */
public interface ManifestVisitor {
  /** Sees nothing. */
  ManifestVisitor NONE = new ManifestVisitor() {};

  /**
   * @param name see {@link io.pifleet.protocol.MemberName}
   * @param sizeBytes of the content
   * @param firstSegment index
   * @param segments how many it stretches over, at least 1
   */
  default void member(String name, long sizeBytes, int firstSegment, int segments)
      throws IOException {}

  /**
   * @param records how many were lost, or -1 when nobody knows
   * @param detail for people; may be empty
   */
  default void gap(
      Instant from, Instant to, String source, String reason, long records, String detail)
      throws IOException {}

  /** One boot: add {@code correctionNanos} to raw stamps of its {@code boot-} members. */
  default void clock(String boot, boolean known, long correctionNanos) throws IOException {}
}
