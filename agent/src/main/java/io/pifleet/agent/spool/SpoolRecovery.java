package io.pifleet.agent.spool;

import io.pifleet.protocol.ArchiveName;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tidies the spool's directory after an earlier run, however that ended: finishes deletions and
 * sealings, finds the parts that are still open. Used once.
 */
final class SpoolRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolRecovery.class);

  private final Path directory;
  private final String device;
  private final List<String> setAside = new ArrayList<>();
  private Instant lastWritten;

  SpoolRecovery(Path directory, String device) {
    this.directory = directory;
    this.device = device;
  }

  /**
   * Goes through the directory once.
   *
   * @return the open parts, oldest first; for each {@link PartRecovery} has to follow
   */
  List<OpenPart> openParts() throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    }
    List<OpenPart> parts = new ArrayList<>();
    for (Path entry : entries) {
      String name = entry.getFileName().toString();
      if (name.startsWith(SpoolFiles.DELETING_PREFIX)) {
        SpoolFiles.deleteDirectory(entry);
      } else if (name.endsWith(SpoolFiles.TEMP_SUFFIX)) {
        Files.deleteIfExists(entry);
      } else if (Files.isDirectory(entry)
          && (name.equals(SpoolFiles.UNNAMED) || ArchiveName.parse(name).isPresent())) {
        recoverDirectory(entry, parts);
      }
    }
    parts.sort(Comparator.comparing(OpenPart::from).thenComparing(OpenPart::label));
    return parts;
  }

  /** When an open part was written last, or null without one. */
  Instant lastWritten() {
    return lastWritten;
  }

  /** Names of the directories that were set aside for a person just now: their data is missing. */
  List<String> setAside() {
    return setAside;
  }

  private void recoverDirectory(Path entry, List<OpenPart> parts) throws IOException {
    if (Files.exists(entry.resolve(SpoolFiles.MANIFEST))) {
      seen(Files.getLastModifiedTime(entry.resolve(SpoolFiles.MANIFEST)).toInstant());
      Files.deleteIfExists(entry.resolve(SpoolFiles.JOURNAL)); // the crash came right behind
      deleteTemporaries(entry);
      return;
    }
    seen(PartRecovery.lastWritten(entry));
    deleteTemporaries(entry);
    OpenPart part = OpenPart.open(entry, device);
    if (part.hasBegun()) {
      parts.add(part);
      return;
    }
    part.close(); // its journal does not even say that it began
    if (holdsData(entry)) {
      Path aside = directory.resolve(SpoolFiles.DAMAGED_PREFIX + entry.getFileName());
      for (int i = 2; Files.exists(aside); i++) { // "unnamed" comes more than once
        aside = directory.resolve(SpoolFiles.DAMAGED_PREFIX + entry.getFileName() + "-" + i);
      }
      LOG.error("The journal of {} cannot be read; the directory is kept as {}", entry, aside);
      Files.move(entry, aside, StandardCopyOption.ATOMIC_MOVE);
      setAside.add(aside.getFileName().toString());
    } else {
      SpoolFiles.deleteDirectory(entry);
    }
  }

  private void seen(Instant written) {
    if (lastWritten == null || lastWritten.isBefore(written)) {
      lastWritten = written;
    }
  }

  private static void deleteTemporaries(Path part) throws IOException {
    try (DirectoryStream<Path> stream =
        Files.newDirectoryStream(part, "*" + SpoolFiles.TEMP_SUFFIX)) {
      for (Path temporary : stream) {
        Files.deleteIfExists(temporary);
      }
    }
  }

  private static boolean holdsData(Path part) throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(part)) {
      for (Path file : stream) {
        if (!file.getFileName().toString().equals(SpoolFiles.JOURNAL) && Files.size(file) > 0) {
          return true;
        }
      }
    }
    return false;
  }
}
