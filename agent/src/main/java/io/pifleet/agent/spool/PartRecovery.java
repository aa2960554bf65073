package io.pifleet.agent.spool;

import io.pifleet.linux.DurableFile;
import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one part that has no manifest into the state that its journal describes; agent/spool.md
 * says for each moment of a crash what is found and what is done. Used once, before the streams
 * start.
 */
final class PartRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(PartRecovery.class);

  private final OpenPart part;
  private final FrameEncoder encoder;

  PartRecovery(OpenPart part, FrameEncoder encoder) {
    this.part = part;
    this.encoder = encoder;
  }

  /** When something of the part became durable last; to be asked before anything else. */
  static Instant lastWritten(Path directory) throws IOException {
    FileTime last = FileTime.fromMillis(0);
    for (String name : new String[] {SpoolFiles.JOURNAL, SpoolFiles.RECORDS, SpoolFiles.FILES}) {
      Path file = directory.resolve(name);
      if (Files.exists(file)) {
        FileTime time = Files.getLastModifiedTime(file);
        last = time.compareTo(last) > 0 ? time : last;
      }
    }
    return last.toInstant();
  }

  /**
   * Does everything, and gives the record stream to go on with.
   *
   * @param taken learns which files the part has
   */
  RecordStream run(TakenChanges taken, int maxSegmentBytes, Instant now) throws IOException {
    part.finishNaming();
    PartSummary found = part.summary();
    finishRename(SpoolFiles.RECORDS, found.lastRecords);
    finishRename(SpoolFiles.FILES, found.lastFiles);
    boolean damaged = part.journal().damagedLines() > 0;
    if (damaged) {
      rot(part.journal().damagedLines() + " lines of the journal were damaged", now);
    }
    if (found.openSlices > 0) {
      LOG.info("A large file was not complete in part {}; it will be taken again", part.label());
      part.append(new JournalEntry.Voided(found.unsealedSince));
    }
    if (!damaged) { // else one of them may be of a line that was lost
      OrphanSegments.delete(part);
    }
    recoverFiles(now);
    RecordStream stream = recoverRecords(maxSegmentBytes, now);
    part.journal()
        .replay(
            new JournalVisitor() {
              @Override
              public void fileTaken(JournalEntry.FileTaken entry) {
                taken.add(entry.fingerprint());
              }

              @Override
              public void largeFileTaken(JournalEntry.LargeFileTaken entry) {
                taken.add(entry.fingerprint());
              }
            });
    return stream;
  }

  /** A segment is journalled first and renamed then. */
  private void finishRename(String openName, Sha256 journalled) throws IOException {
    Path open = part.path(openName);
    if (journalled == null || !Files.exists(open)) {
      return;
    }
    Path sealed = part.path(journalled + SpoolFiles.SEGMENT_SUFFIX);
    if (!Files.exists(sealed) && hash(open).equals(journalled)) {
      Files.move(open, sealed, StandardCopyOption.ATOMIC_MOVE);
      DurableFile.syncDirectory(part.directory());
    }
  }

  /** Cuts the open files segment to the last file that was journalled. */
  private void recoverFiles(Instant now) throws IOException {
    Path open = part.path(SpoolFiles.FILES);
    int journalled = part.filesEnd();
    if (journalled == 0) {
      Files.deleteIfExists(open);
      return;
    }
    int good = 0;
    if (Files.exists(open)) {
      good = RecordScan.of(open, 0, journalled, false).goodBytes();
    }
    if (good < journalled) {
      FilesBehind behind = new FilesBehind(good);
      part.journal().replay(behind);
      rot(
          behind.count
              + " files were damaged in the open segment; those still there are taken again",
          now);
      part.append(new JournalEntry.Voided(behind.first));
    }
    if (part.filesEnd() == 0) {
      Files.deleteIfExists(open);
    }
  }

  /** Which files of the open segment end behind its good part. */
  private static final class FilesBehind implements JournalVisitor {
    private final int good;
    private long offset;
    private long first = -1;
    private int count;

    FilesBehind(int good) {
      this.good = good;
    }

    @Override
    public void at(long at, long next) {
      offset = at;
    }

    @Override
    public void fileTaken(JournalEntry.FileTaken entry) {
      if (entry.end() > good) {
        first = count++ == 0 ? offset : first;
      }
    }

    @Override
    public void filesSealed(JournalEntry.FilesSealed entry) {
      count = 0; // those before stand in a sealed segment
    }
  }

  /** Cuts the open record segment to its last good frame. */
  private RecordStream recoverRecords(int maxSegmentBytes, Instant now) throws IOException {
    RecordStream stream = new RecordStream(part, encoder, maxSegmentBytes);
    Path open = part.path(SpoolFiles.RECORDS);
    JournalEntry.RecordsOpened entry = part.summary().openRecords;
    if (!Files.exists(open)) {
      return stream;
    }
    RecordScan scan = RecordScan.of(open, RecordStream.HEADER_BYTES, Integer.MAX_VALUE, true);
    if (scan.records() == 0) {
      Files.delete(open);
      return stream;
    }
    long cut = Files.size(open) - scan.goodBytes();
    if (cut > 0) {
      LOG.info("Cut {} bytes behind the last good frame of part {}", cut, part.label());
    }
    if (entry == null) {
      rot("an open record segment without a journal entry was found", now);
      entry = new JournalEntry.RecordsOpened("metrics/recovered.lp", RecordStream.UNKNOWN_HOUR);
      part.append(entry);
    }
    stream.adopt(
        OpenSegment.reopen(open, scan.goodBytes()), entry, scan.contentBytes(), scan.records());
    return stream;
  }

  private void rot(String detail, Instant now) throws IOException {
    LOG.warn("Part {}: {}", part.label(), detail);
    part.append(
        new JournalEntry.GapFound(new Gap(part.from(), now, Gap.AGENT, Gap.ROT, -1, detail)));
  }

  private Sha256 hash(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      synchronized (encoder) {
        ByteBuffer scratch = encoder.scratch();
        return OpenSegment.hash(channel, scratch);
      }
    }
  }
}
