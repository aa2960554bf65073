package io.pifleet.agent.spool;

import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * What the journal of a part adds up to. The same code counts while the part is written and when it
 * is replayed. Not thread-safe.
 */
final class PartSummary implements JournalVisitor {
  // Upper bounds of what an entry takes in a manifest, names and texts apart.
  private static final int MANIFEST_HEAD_BYTES = 2048;
  private static final int MEMBER_BYTES = 80;
  private static final int SEGMENT_BYTES = 112;
  private static final int GAP_BYTES = 192;
  private static final int CLOCK_BYTES = 128;

  boolean begun;
  String archive = "";
  Instant from = Instant.EPOCH;
  Instant periodEnd = Instant.EPOCH;

  /** End of the part, or null while it is not closing. */
  Instant to;

  long records;
  long files;
  int members;
  int segments;
  int gaps;

  /** Bytes of the sealed segments. */
  long segmentBytes;

  long manifestBytes = MANIFEST_HEAD_BYTES;
  final MemberNames names = new MemberNames();

  /** Last entry of each boot; a part sees few. */
  final Map<String, JournalEntry.ClockSeen> clocks = new HashMap<>();

  /** The record segment that was opened last, or null when it is sealed. */
  JournalEntry.RecordsOpened openRecords;

  /** What was sealed last in each stream: its file may still have its open name. */
  Sha256 lastRecords;

  Sha256 lastFiles;

  /** Up to where the open files segment holds files that were journalled. */
  int filesEnd;

  /** Where the first entry of the open files segment, or of an unfinished large file, stands. */
  long unsealedSince = -1;

  int openSlices;
  String carriedFrom = "";
  private final GapMerger merger = new GapMerger(gap -> {});
  private long offset;

  @Override
  public void at(long at, long next) {
    offset = at;
  }

  @Override
  public void begun(JournalEntry.Begun entry) {
    begun = true;
    archive = entry.archive();
    from = entry.from();
    periodEnd = entry.periodEnd();
  }

  @Override
  public void ended(JournalEntry.Ended entry) {
    to = entry.to();
  }

  @Override
  public void recordsOpened(JournalEntry.RecordsOpened entry) {
    openRecords = entry;
    names.add(entry.member());
  }

  @Override
  public void recordsSealed(JournalEntry.RecordsSealed entry) {
    openRecords = null;
    lastRecords = entry.hash();
    records += entry.records();
    member(entry.member());
    segment(entry.segmentBytes());
  }

  @Override
  public void fileTaken(JournalEntry.FileTaken entry) {
    if (filesEnd == 0) {
      unsealedSince = offset;
    }
    filesEnd = entry.end();
    files++;
    member(entry.member());
  }

  @Override
  public void filesSealed(JournalEntry.FilesSealed entry) {
    filesEnd = 0;
    unsealedSince = -1;
    lastFiles = entry.hash();
    segment(entry.segmentBytes());
  }

  @Override
  public void sliceSealed(JournalEntry.SliceSealed entry) {
    if (openSlices++ == 0) {
      unsealedSince = offset;
    }
    lastFiles = entry.hash();
    segment(entry.segmentBytes());
  }

  @Override
  public void largeFileTaken(JournalEntry.LargeFileTaken entry) {
    openSlices = 0;
    unsealedSince = -1;
    files++;
    member(entry.member());
  }

  @Override
  public void gapFound(JournalEntry.GapFound entry) throws IOException {
    Gap gap = entry.gap();
    if (merger.add(gap)) {
      return; // one gap with an earlier one in the manifest
    }
    gaps++;
    manifestBytes +=
        GAP_BYTES + jsonBytes(gap.source()) + jsonBytes(gap.reason()) + jsonBytes(gap.detail());
  }

  @Override
  public void clockSeen(JournalEntry.ClockSeen entry) {
    if (clocks.put(entry.boot(), entry) == null) {
      manifestBytes += CLOCK_BYTES;
    }
  }

  @Override
  public void carried(JournalEntry.Carried entry) {
    carriedFrom = entry.fromPart();
  }

  private void member(String name) {
    members++;
    names.add(name);
    manifestBytes += MEMBER_BYTES + jsonBytes(name);
  }

  private void segment(int bytes) {
    segments++;
    segmentBytes += bytes;
    manifestBytes += SEGMENT_BYTES;
  }

  /**
   * Bytes of a text in JSON: quotes and backslashes are escaped, control characters not expected.
   */
  private static int jsonBytes(String text) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c == '"' || c == '\\' ? 1 : c < 0x20 ? 5 : 0;
    }
    return bytes;
  }
}
