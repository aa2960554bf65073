package io.pifleet.collector.store;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Sha256;
import java.util.Optional;

/**
 * The name under which an archive of a device is stored. Only values of this type become names of
 * files.
 *
 * @param archive what the device calls it
 * @param conflict empty; or, when the plain name was taken by another digest, the first digits of
 *     this one's ({@code 2026-W47~3f9a1c2d})
 */
public record StoredName(ArchiveName archive, String conflict) implements Comparable<StoredName> {
  /** Digits that tell two digests apart for people. */
  private static final int CONFLICT_DIGITS = 8;

  /** For two digests that start with the same ones. A receipt has no room for all 64. */
  private static final int MORE_CONFLICT_DIGITS = 32;

  public StoredName {
    if (!conflict.isEmpty() && !isConflict(conflict)) {
      throw new IllegalArgumentException("not the digits of a digest: " + conflict.length());
    }
  }

  static StoredName of(ArchiveName archive) {
    return new StoredName(archive, "");
  }

  /** The names to try for a digest, the best one first. */
  static StoredName[] candidates(ArchiveName archive, Sha256 digest) {
    return new StoredName[] {
      of(archive),
      new StoredName(archive, digest.abbreviated(CONFLICT_DIGITS)),
      new StoredName(archive, digest.abbreviated(MORE_CONFLICT_DIGITS))
    };
  }

  /** The name that {@code text} spells, or empty when it spells none. */
  public static Optional<StoredName> parse(String text) {
    int tilde = text.indexOf('~');
    String plain = tilde < 0 ? text : text.substring(0, tilde);
    String conflict = tilde < 0 ? "" : text.substring(tilde + 1);
    if (tilde >= 0 && !isConflict(conflict)) {
      return Optional.empty();
    }
    return ArchiveName.parse(plain).map(archive -> new StoredName(archive, conflict));
  }

  public boolean isConflict() {
    return !conflict.isEmpty();
  }

  private static boolean isConflict(String text) {
    if (text.length() != CONFLICT_DIGITS && text.length() != MORE_CONFLICT_DIGITS) {
      return false;
    }
    return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  @Override
  public int compareTo(StoredName other) {
    int byArchive = archive.compareTo(other.archive);
    return byArchive != 0 ? byArchive : conflict.compareTo(other.conflict);
  }

  @Override
  public String toString() {
    return conflict.isEmpty() ? archive.toString() : archive + "~" + conflict;
  }
}
