package io.pifleet.agent.spool;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Manifest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the spool inside its three limits: its own bytes, and bytes and inodes of the file system
 * that belong to others. Thread-safe.
 */
final class SpoolSpace {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolSpace.class);

  private final Path directory;
  private final SealedArchives archives;
  private final Parts parts;
  private final GapBook gaps;
  private final SpaceProbe probe;
  private final Map<ArchiveName, Long> sealedBytes = new HashMap<>();
  private final Map<Path, Long> damagedBytes = new HashMap<>();
  private SpoolSettings settings;
  private volatile String refusal; // why new data is refused, or null; read by every plugin
  private volatile String damaged; // what a person has to look at, or null

  SpoolSpace(
      SpoolSettings settings,
      SealedArchives archives,
      Parts parts,
      GapBook gaps,
      SpaceProbe probe) {
    this.gaps = gaps;
    this.directory = settings.directory();
    this.settings = settings;
    this.archives = archives;
    this.parts = parts;
    this.probe = probe;
  }

  synchronized void reconfigure(SpoolSettings changed) {
    settings = changed;
  }

  /** Whether new data is refused, and why. */
  Optional<String> refusal() {
    return Optional.ofNullable(refusal);
  }

  /** Which part without a readable journal waits for a person, as {@link #bytes} found it. */
  Optional<String> damaged() {
    return Optional.ofNullable(damaged);
  }

  /** Bytes in the spool's directory. What does not grow any more is measured once. */
  synchronized long bytes() throws IOException {
    long bytes = 0;
    List<ArchiveName> names = archives.names();
    sealedBytes.keySet().retainAll(names);
    for (ArchiveName name : names) {
      Long known = sealedBytes.get(name);
      if (known == null) {
        known = SpoolFiles.directoryBytes(directory.resolve(name.toString()));
        sealedBytes.put(name, known);
      }
      bytes += known;
    }
    for (OpenPart part : parts.all()) {
      bytes += part.bytes();
    }
    return bytes + damagedBytes();
  }

  private long damagedBytes() throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(directory, SpoolFiles.DAMAGED_PREFIX + "*")) {
      entries.forEach(found::add);
    }
    damagedBytes.keySet().retainAll(found);
    long bytes = 0;
    for (Path entry : found) {
      Long known = damagedBytes.get(entry);
      if (known == null) {
        known = SpoolFiles.directoryBytes(entry);
        damagedBytes.put(entry, known);
      }
      bytes += known;
    }
    damaged =
        found.isEmpty()
            ? null
            : found.get(0)
                + " was a part, and its journal cannot be read: look at it, then remove it";
    return bytes;
  }

  /** Makes room when a limit is passed, or decides to refuse new data until there is some. */
  synchronized void check(Instant now) throws IOException {
    // Once data is refused, room for a segment or two has to appear: no flapping.
    long slack =
        refusal != null && settings.whenFull() == WhenFull.PAUSE
            ? 2L * settings.segmentMaxBytes()
            : 0;
    Optional<String> shortage = makeRoom(slack, now);
    if (shortage.isPresent() != (refusal != null)) {
      if (shortage.isPresent()) {
        LOG.warn("The spool takes no new data: {}", shortage.get());
      } else {
        LOG.info("The spool takes data again");
      }
    }
    refusal = shortage.orElse(null);
  }

  /**
   * Sees to room for {@code wanted} more bytes, by dropping archives if that is configured and
   * helps.
   *
   * @return empty when there is room, or which limit is in the way
   */
  synchronized Optional<String> makeRoom(long wanted, Instant now) throws IOException {
    Shortage shortage = shortage(wanted);
    if (shortage != null
        && settings.whenFull() == WhenFull.DROP_OLDEST
        && shortage.bytes() <= sealedTotal()) {
      while (shortage != null && dropOldest(shortage.limit(), now)) {
        shortage = shortage(wanted);
      }
    }
    return Optional.ofNullable(shortage).map(Shortage::limit);
  }

  private record Shortage(long bytes, String limit) {}

  /** The limit that is passed by most, or null. */
  private Shortage shortage(long wanted) throws IOException {
    long over = bytes() + wanted - settings.maxBytes();
    long scarce = settings.minFreeBytes() + wanted - probe.usableBytes();
    if (over > 0 && over >= scarce) {
      return new Shortage(over, "max-bytes is " + settings.maxBytes());
    }
    if (scarce > 0) {
      return new Shortage(
          scarce, "min-free-bytes, " + settings.minFreeBytes() + ", would not be left");
    }
    if (probe.freeInodes() < settings.minFreeInodes()) {
      return new Shortage(1, "min-free-inodes, " + settings.minFreeInodes() + ", are not left");
    }
    return null;
  }

  /** After {@link #bytes} has measured them. */
  private long sealedTotal() {
    long total = 0;
    for (long bytes : sealedBytes.values()) {
      total += bytes;
    }
    return total;
  }

  private boolean dropOldest(String limit, Instant now) throws IOException {
    List<ArchiveName> names = archives.names();
    if (names.isEmpty()) {
      return false;
    }
    ArchiveName oldest = names.get(0);
    String detail = "archive " + oldest + " was dropped: " + limit;
    Gap gap;
    try {
      Manifest manifest = archives.open(oldest).manifest();
      long records = manifest.counters().getOrDefault("records", -1L);
      gap = new Gap(manifest.from(), manifest.to(), Gap.AGENT, Gap.QUOTA, records, detail);
    } catch (IOException e) {
      LOG.debug("Archive {} cannot be read any more", oldest, e);
      gap = new Gap(now, now, Gap.AGENT, Gap.QUOTA, -1, detail);
    }
    LOG.warn("Dropping archive {}: {}", oldest, limit);
    if (parts.isEmpty()) {
      gaps.add(gap);
    } else {
      parts.last().append(new JournalEntry.GapFound(gap)); // first said, then done
    }
    archives.drop(oldest);
    return true;
  }
}
