package io.pifleet.agent.spool;

import io.pifleet.linux.DurableFile;
import io.pifleet.protocol.archive.RawFrame;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.archive.TarHeader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The record segments of one part: one frame a flush, a segment an hour or 4 MiB. A call that fails
 * has changed nothing and can be made again. Owned by the thread {@code records}.
 *
 * <pre>
 *   0    522 zero bytes, for the tar header's raw frame
 *   522  frames of line protocol, each with content size and checksum
 *   at seal: the header over the zero bytes, and a raw frame of padding
 * </pre>
 */
final class RecordStream implements Closeable {
  static final long UNKNOWN_HOUR = -1;
  static final int HEADER_BYTES = RawFrame.TAR_HEADER_FRAME_BYTES;
  private static final int PADDING_BYTES = RawFrame.encodedLength(TarHeader.BLOCK - 1);
  private static final DateTimeFormatter HOUR =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final OpenPart part;
  private final FrameEncoder encoder;
  private final int maxSegmentBytes;
  private OpenSegment segment;
  private String member;
  private long hour;
  private long contentBytes;
  private long records;
  private Sha256 sealedHash; // journalled, but still under its open name

  RecordStream(OpenPart part, FrameEncoder encoder, int maxSegmentBytes) {
    this.part = part;
    this.encoder = encoder;
    this.maxSegmentBytes = maxSegmentBytes;
  }

  /** Goes on with an open segment that recovery has cut to its last good frame. */
  void adopt(OpenSegment open, JournalEntry.RecordsOpened entry, long content, long count) {
    segment = open;
    member = entry.member();
    hour = entry.hour();
    contentBytes = content;
    records = count;
  }

  static long hourOf(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), 3600L);
  }

  /** Records that are durable and not sealed. */
  long openRecords() {
    return records;
  }

  /** The hour of the open segment, or of what it would be for records without a known time. */
  boolean isOpenFor(long wantedHour, String boot) {
    return segment != null
        && sealedHash == null
        && hour == wantedHour
        && (wantedHour != UNKNOWN_HOUR || member.startsWith("metrics/boot-" + boot + "-"));
  }

  boolean isOpen() {
    return segment != null;
  }

  /** The hour of the open segment, {@link #UNKNOWN_HOUR} for one without a known time. */
  long hour() {
    return hour;
  }

  /** Whether writing this batch has to seal the open segment first. */
  boolean mustSealFor(RecordQueue.Batch batch, long wantedHour, String boot) {
    return segment != null
        && (!isOpenFor(wantedHour, boot)
            || segment.lengthBytes() + FrameEncoder.bound(batch.bytes().remaining()) + PADDING_BYTES
                > maxSegmentBytes);
  }

  /**
   * Makes records durable.
   *
   * @param wantedHour since 1970, or {@link #UNKNOWN_HOUR}
   * @param boot of the records, used while the time is not known
   * @param now for the tar header of a segment that this call seals
   */
  void write(RecordQueue.Batch batch, long wantedHour, String boot, Instant now)
      throws IOException {
    int content = batch.bytes().remaining();
    if (mustSealFor(batch, wantedHour, boot)) {
      seal(now);
    }
    boolean created = segment == null;
    if (created) {
      open(wantedHour, boot);
    }
    int before = segment.lengthBytes();
    synchronized (encoder) {
      segment.append(encoder.frame(batch.bytes()));
    }
    try {
      segment.force();
      if (created || before == HEADER_BYTES) {
        DurableFile.syncDirectory(part.directory());
      }
    } catch (IOException e) {
      segment.truncate(before);
      throw e;
    }
    contentBytes += content;
    records += batch.records();
  }

  /** Seals the open segment, if there is one. */
  void seal(Instant now) throws IOException {
    if (segment == null) {
      return;
    }
    if (contentBytes == 0) {
      segment.close();
      Files.deleteIfExists(part.path(SpoolFiles.RECORDS));
      segment = null;
      return;
    }
    if (sealedHash == null) {
      int content = segment.lengthBytes();
      try {
        Sha256 hash = finish(now);
        part.append(
            new JournalEntry.RecordsSealed(
                member, contentBytes, records, hash, segment.lengthBytes()));
        sealedHash = hash;
      } catch (IOException e) {
        segment.truncate(content);
        throw e;
      }
    }
    Path target = part.path(sealedHash + SpoolFiles.SEGMENT_SUFFIX);
    Files.move(
        part.path(SpoolFiles.RECORDS),
        target,
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    DurableFile.syncDirectory(part.directory());
    segment.close();
    segment = null;
    sealedHash = null;
    contentBytes = 0;
    records = 0;
  }

  /** Closes the file; the segment stays open for the next run. */
  @Override
  public void close() throws IOException {
    if (segment != null) {
      segment.close();
      segment = null;
    }
  }

  private void open(long wantedHour, String boot) throws IOException {
    String stem =
        "metrics/"
            + (wantedHour == UNKNOWN_HOUR
                ? "boot-" + boot + "-"
                : HOUR.format(Instant.ofEpochSecond(wantedHour * 3600)));
    String name =
        part.freeName(
            number ->
                wantedHour == UNKNOWN_HOUR
                    ? stem + number + ".lp"
                    : number == 1 ? stem + ".lp" : stem + "." + number + ".lp");
    OpenSegment created = OpenSegment.create(part.path(SpoolFiles.RECORDS));
    try {
      created.append(ByteBuffer.allocate(HEADER_BYTES));
      // Last: what fails before is tried every second, and the journal must not grow with it.
      part.append(new JournalEntry.RecordsOpened(name, wantedHour));
    } catch (IOException e) {
      created.close();
      throw e;
    }
    segment = created;
    member = name;
    hour = wantedHour;
    contentBytes = 0;
    records = 0;
  }

  private Sha256 finish(Instant now) throws IOException {
    ByteBuffer header = TarHeader.encode(part.tarName(member), contentBytes, now.getEpochSecond());
    segment.append(RawFrame.encode(ByteBuffer.allocate(TarHeader.paddingOf(contentBytes))));
    segment.overwrite(0, RawFrame.encode(header));
    segment.force();
    synchronized (encoder) {
      return segment.hash(encoder.scratch());
    }
  }
}
