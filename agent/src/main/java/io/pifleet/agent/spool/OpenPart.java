package io.pifleet.agent.spool;

import io.pifleet.linux.DurableFile;
import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.SegmentTable;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

/**
 * A part that is not an archive yet: its directory, its journal, and what the journal adds up to.
 * Thread-safe. The thread {@code records} is done with it before it ends; the thread {@code files}
 * makes the archive of it then.
 */
final class OpenPart implements Closeable {
  // Room is left for what comes in while the part is being ended: a manifest has at most 1 MiB and
  // 8,192 segments.
  private static final int MAX_MANIFEST_BYTES = 800 << 10;
  private static final int MAX_SEGMENTS = 8000;

  /** A file that needs more fits no archive. */
  static final int MAX_SEGMENTS_OF_A_FILE = SegmentTable.MAX_SEGMENTS - 512;

  private final String device;
  private final PartJournal journal;
  private Path directory;
  private int toDrain;
  private boolean endRequested;
  private PartSummary summary = new PartSummary();

  private OpenPart(String device, Path directory, PartJournal journal) {
    this.device = device;
    this.directory = directory;
    this.journal = journal;
  }

  /** Makes the directory of a new part; after a failure there is none. */
  static OpenPart create(Path spool, String device, String archive, Instant from, Instant periodEnd)
      throws IOException {
    Path directory = spool.resolve(archive.isEmpty() ? SpoolFiles.UNNAMED : archive);
    Files.createDirectory(directory);
    OpenPart part = null;
    try {
      part = open(directory, device);
      part.append(new JournalEntry.Begun(archive, from, periodEnd));
      DurableFile.syncDirectory(directory);
      DurableFile.syncDirectory(spool);
    } catch (IOException e) {
      try {
        if (part != null) {
          part.close();
        }
        Files.deleteIfExists(directory.resolve(SpoolFiles.JOURNAL));
        Files.deleteIfExists(directory);
      } catch (IOException second) {
        e.addSuppressed(second); // the next start removes it
      }
      throw e;
    }
    return part;
  }

  /** Opens the part of an earlier run; a torn tail of its journal is gone then. */
  static OpenPart open(Path directory, String device) throws IOException {
    PartJournal journal = PartJournal.open(directory.resolve(SpoolFiles.JOURNAL));
    OpenPart part = new OpenPart(device, directory, journal);
    journal.replay(part.summary);
    return part;
  }

  synchronized Path directory() {
    return directory;
  }

  PartJournal journal() {
    return journal;
  }

  /** Name of the archive that it will be; empty while the time is not known. */
  synchronized Optional<ArchiveName> name() {
    return ArchiveName.parse(summary.archive);
  }

  /** Its name, or a word for logs. */
  synchronized String label() {
    return summary.archive.isEmpty() ? SpoolFiles.UNNAMED : summary.archive;
  }

  /** False when the crash came before the first line of its journal. */
  synchronized boolean hasBegun() {
    return summary.begun;
  }

  synchronized Instant from() {
    return summary.from;
  }

  synchronized Instant periodEnd() {
    return summary.periodEnd;
  }

  synchronized Optional<Instant> end() {
    return Optional.ofNullable(summary.to);
  }

  /** The summary as it stands; for the one thread that works with it. */
  synchronized PartSummary summary() {
    return summary;
  }

  synchronized long records() {
    return summary.records;
  }

  synchronized long files() {
    return summary.files;
  }

  synchronized int gaps() {
    return summary.gaps;
  }

  synchronized boolean hasMembers() {
    return summary.members > 0;
  }

  /** Whether it has to end for the size of its manifest. */
  synchronized boolean isFull() {
    return summary.segments >= MAX_SEGMENTS
        || endRequested
        || summary.manifestBytes >= MAX_MANIFEST_BYTES;
  }

  /** Whether {@code more} segments of one file still find room. */
  synchronized boolean hasRoomFor(long more) {
    return summary.segments + more <= SegmentTable.MAX_SEGMENTS - 256;
  }

  /** Bytes on disk; equal slices count twice. */
  long bytes() throws IOException {
    long open =
        SpoolFiles.sizeOrZero(path(SpoolFiles.RECORDS))
            + SpoolFiles.sizeOrZero(path(SpoolFiles.FILES));
    synchronized (this) {
      return open + journal.length() + summary.segmentBytes;
    }
  }

  /** Asks for the end of the part although it is not full. */
  synchronized void requestEnd() {
    endRequested = true;
  }

  /** How many queued files still belong into this part when it has ended. */
  synchronized void drain(int files) {
    toDrain = files;
  }

  synchronized void drainedOne() {
    toDrain = Math.max(0, toDrain - 1);
  }

  synchronized boolean drained() {
    return toDrain == 0;
  }

  /** Up to where the open files segment is journalled. */
  synchronized int filesEnd() {
    return summary.filesEnd;
  }

  /** Where the slices of an unfinished large file begin in the journal, or -1. */
  synchronized long unfinishedSince() {
    return summary.openSlices > 0 ? summary.unsealedSince : -1;
  }

  /** What was journalled of a boot last, or null. */
  synchronized JournalEntry.ClockSeen clockOf(String boot) {
    return summary.clocks.get(boot);
  }

  synchronized String carriedFrom() {
    return summary.carriedFrom;
  }

  /** Makes entries durable and counts them. */
  synchronized void append(JournalEntry... entries) throws IOException {
    long offset = journal.append(entries);
    boolean recount = false;
    for (JournalEntry entry : entries) {
      summary.at(offset, offset);
      entry.visit(summary);
      recount |= entry instanceof JournalEntry.Voided;
    }
    if (recount) {
      PartSummary counted = new PartSummary();
      journal.replay(counted);
      summary = counted;
    }
  }

  /** Gives an unnamed part its name, durably. */
  synchronized void assignName(ArchiveName name, Instant from, Instant periodEnd)
      throws IOException {
    append(new JournalEntry.Begun(name.toString(), from, periodEnd));
    finishNaming();
  }

  /** Renames the directory after the part, when it is not yet named so. */
  synchronized void finishNaming() throws IOException {
    Path named = directory.resolveSibling(label());
    if (!named.equals(directory)) {
      Files.move(directory, named, StandardCopyOption.ATOMIC_MOVE);
      directory = named;
      DurableFile.syncDirectory(named.getParent());
    }
  }

  /** A name for a member that no other has: {@code name}, or one with a number in it. */
  synchronized String freeName(NumberedName name) {
    String candidate = name.numbered(1);
    for (int i = 2; summary.names.contains(candidate); i++) {
      candidate = name.numbered(i);
    }
    return candidate;
  }

  /** Spells the n-th name of a series. */
  interface NumberedName {
    String numbered(int number);
  }

  /** Keeps a name from being given again before its member is journalled. */
  synchronized void reserve(String member) {
    summary.names.add(member);
  }

  /** Name of a member in the tar. */
  synchronized String tarName(String member) {
    return device + "/" + summary.archive + "/" + member;
  }

  Path path(String fileName) {
    return directory().resolve(fileName);
  }

  @Override
  public void close() throws IOException {
    journal.close();
  }
}
