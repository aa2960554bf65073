package io.pifleet.agent.spool;

import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Removes segments that no entry of the journal names: the slices of a file that was given up. Not
 * by the list of those slices, because another file may have an equal one.
 */
final class OrphanSegments {
  private OrphanSegments() {}

  static void delete(OpenPart part) throws IOException {
    // The list first, then the journal: what the other stream seals meanwhile is journalled before
    // it gets its name.
    List<Path> segments = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(part.directory(), "*" + SpoolFiles.SEGMENT_SUFFIX)) {
      for (Path entry : entries) {
        segments.add(entry);
      }
    }
    long[] live = liveHashes(part.journal());
    for (Path segment : segments) {
      String name = segment.getFileName().toString();
      String hash = name.substring(0, name.length() - SpoolFiles.SEGMENT_SUFFIX.length());
      if (Arrays.binarySearch(live, hash.hashCode()) < 0) {
        Files.deleteIfExists(segment);
      }
    }
  }

  /** Sorted; equal ones of different segments keep an orphan a little longer, that is all. */
  private static long[] liveHashes(PartJournal journal) throws IOException {
    Hashes hashes = new Hashes();
    journal.replay(hashes);
    long[] live = Arrays.copyOf(hashes.values, hashes.count);
    Arrays.sort(live);
    return live;
  }

  private static final class Hashes implements JournalVisitor {
    private long[] values = new long[64];
    private int count;

    @Override
    public void recordsSealed(JournalEntry.RecordsSealed entry) {
      add(entry.hash());
    }

    @Override
    public void filesSealed(JournalEntry.FilesSealed entry) {
      add(entry.hash());
    }

    @Override
    public void sliceSealed(JournalEntry.SliceSealed entry) {
      add(entry.hash());
    }

    private void add(Sha256 hash) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = hash.toString().hashCode();
    }
  }
}
