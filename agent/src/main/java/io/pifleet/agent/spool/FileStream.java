package io.pifleet.agent.spool;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.linux.DurableFile;
import io.pifleet.protocol.MemberName;
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
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The file segments of one part. Small files share the open segment and become durable in groups; a
 * file that may be larger than a segment is cut into slices, which share with nothing. Owned by the
 * thread {@code files}.
 */
final class FileStream implements Closeable {
  /** How far a file has come. */
  enum Taken {
    /** It waits for {@link #commit}. */
    WRITTEN,
    /** It is durable. */
    DURABLE,
    /** A stop was asked for in the middle; nothing of it counts. */
    STOPPED
  }

  /** A file that no archive can hold beside what the part holds already. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException(String message) {
      super(message);
    }
  }

  // Each waits in memory with its name until the group is durable.
  private static final int MAX_GROUP = 256;
  private static final int MAX_GROUP_NAMES = 1 << 15;
  private static final int PADDING_BYTES = RawFrame.encodedLength(TarHeader.BLOCK - 1);

  private final OpenPart part;
  private final FrameEncoder encoder;
  private final int maxSegmentBytes;
  private final ByteBuffer input;
  private final BooleanSupplier stopping;
  private final Runnable moved;
  private final List<JournalEntry> group = new ArrayList<>();
  private OpenSegment segment;
  private int committedBytes;
  private int groupNames;
  private Sha256 sealedHash; // journalled, but still under its open name

  /**
   * @param input direct, {@link FrameEncoder#MAX_CONTENT} bytes
   * @param stopping asked between frames of a large file
   * @param moved called when a frame was read: a dead disk or server may never give one
   */
  FileStream(
      OpenPart part,
      FrameEncoder encoder,
      int maxSegmentBytes,
      ByteBuffer input,
      BooleanSupplier stopping,
      Runnable moved) {
    this.part = part;
    this.encoder = encoder;
    this.maxSegmentBytes = maxSegmentBytes;
    this.input = input;
    this.stopping = stopping;
    this.moved = moved;
  }

  /** Goes on with an open segment that recovery has cut to its last journalled file. */
  void adopt(OpenSegment open) {
    segment = open;
    committedBytes = open.lengthBytes();
  }

  /** Files that wait for {@link #commit}. */
  int uncommitted() {
    return group.size();
  }

  /** Most segments that a file of this size takes. */
  long segmentsFor(long sizeBytes) {
    return (FrameEncoder.bound(sizeBytes) + 4096)
            / (maxSegmentBytes - bound(FrameEncoder.MAX_CONTENT))
        + 2;
  }

  /**
   * Takes one file.
   *
   * @param source the file, at its beginning
   * @throws IOException when the spool cannot be written; nothing of the file is left then
   */
  Taken take(FileChange change, SourceFile source) throws IOException {
    finishRename();
    voidLeftSlices();
    String path = MemberName.of("files/" + change.plugin() + "/", change.path().toString());
    // Numbered as GNU tar and cp number backups: the same path may change more than once in a part.
    String member = part.freeName(number -> number == 1 ? path : path + ".~" + number + "~");
    if (!MemberName.isValid(member)) { // one such name would make the whole archive unreadable
      throw new IllegalArgumentException(
          change.path()
              + " has changed more than once in this part, and its name leaves no room for a number");
    }
    ByteBuffer header =
        RawFrame.encode(
            TarHeader.encode(
                part.tarName(member),
                change.sizeBytes(),
                Math.floorDiv(change.mtimeNanos(), 1_000_000_000L)));
    long bound = header.remaining() + FrameEncoder.bound(change.sizeBytes()) + PADDING_BYTES;
    if (bound > maxSegmentBytes) {
      return takeLarge(change, source, member, header);
    }
    if (segment != null && segment.lengthBytes() + bound > maxSegmentBytes) {
      seal();
    }
    openSegment();
    int before = segment.lengthBytes();
    try {
      segment.append(header);
      while (source.remainingBytes() > 0) {
        readFrame(source);
        synchronized (encoder) {
          segment.append(encoder.frame(input));
        }
      }
      segment.append(padding(change));
    } catch (IOException e) {
      segment.truncate(before);
      throw e;
    }
    part.reserve(member);
    group.add(
        new JournalEntry.FileTaken(
            member, change.sizeBytes(), Fingerprint.of(change), segment.lengthBytes()));
    addGap(change, source);
    groupNames += member.length();
    if (group.size() >= MAX_GROUP || groupNames >= MAX_GROUP_NAMES) {
      commit();
      return Taken.DURABLE;
    }
    return Taken.WRITTEN;
  }

  /** Makes the files that were taken durable. */
  void commit() throws IOException {
    finishRename();
    if (!group.isEmpty()) {
      segment.force();
      if (committedBytes == 0) {
        DurableFile.syncDirectory(part.directory());
      }
      part.append(group.toArray(new JournalEntry[0]));
      committedBytes = segment.lengthBytes();
      clearGroup();
    }
  }

  /** Commits, and seals the open segment, if there is one with files in it. */
  void seal() throws IOException {
    commit();
    voidLeftSlices();
    if (segment == null) {
      return;
    }
    if (segment.lengthBytes() == 0) {
      close();
      Files.deleteIfExists(part.path(SpoolFiles.FILES));
      return;
    }
    Sha256 hash = hashSegment();
    part.append(new JournalEntry.FilesSealed(hash, segment.lengthBytes()));
    sealedHash = hash;
    finishRename();
  }

  /** Closes the file; the segment stays open for the next run. */
  @Override
  public void close() throws IOException {
    if (segment != null) {
      segment.close();
      segment = null;
    }
    committedBytes = 0;
  }

  /** Slices of a file that could not even be given up, because the disk was full. */
  private void voidLeftSlices() throws IOException {
    long since = part.unfinishedSince();
    if (since >= 0) {
      part.append(new JournalEntry.Voided(since));
      OrphanSegments.delete(part);
    }
  }

  private Taken takeLarge(FileChange change, SourceFile source, String member, ByteBuffer header)
      throws IOException {
    if (!part.hasRoomFor(segmentsFor(change.sizeBytes()))) {
      throw new TooLargeException(
          "%s has %d bytes, more than an archive can hold beside what part %s holds"
              .formatted(change.path(), change.sizeBytes(), part.label()));
    }
    seal();
    int slices = 0;
    boolean done = false;
    try {
      openSegment();
      segment.append(header);
      while (source.remainingBytes() > 0) {
        if (stopping.getAsBoolean()) {
          return Taken.STOPPED;
        }
        readFrame(source);
        if (segment.lengthBytes() + bound(input.remaining()) > maxSegmentBytes) {
          sealSlice();
          slices++;
          openSegment();
        }
        synchronized (encoder) {
          segment.append(encoder.frame(input));
        }
      }
      ByteBuffer padding = padding(change);
      if (segment.lengthBytes() + padding.remaining() > maxSegmentBytes) {
        sealSlice();
        slices++;
        openSegment();
      }
      segment.append(padding);
      Sha256 hash = hashSegment();
      group.add(new JournalEntry.SliceSealed(hash, segment.lengthBytes()));
      group.add(
          new JournalEntry.LargeFileTaken(
              member, change.sizeBytes(), Fingerprint.of(change), slices + 1));
      addGap(change, source);
      part.append(group.toArray(new JournalEntry[0]));
      clearGroup();
      sealedHash = hash; // the next call renames: the file is durable, whatever happens to that
      done = true;
      return Taken.DURABLE;
    } finally {
      if (!done) {
        giveUp();
      }
    }
  }

  /** What is left of the slices when this fails is removed by the next recovery. */
  private void giveUp() throws IOException {
    clearGroup();
    if (segment != null) {
      close();
    }
    sealedHash = null;
    voidLeftSlices();
    Files.deleteIfExists(part.path(SpoolFiles.FILES));
  }

  private void sealSlice() throws IOException {
    Sha256 hash = hashSegment();
    part.append(new JournalEntry.SliceSealed(hash, segment.lengthBytes()));
    sealedHash = hash;
    finishRename();
  }

  private Sha256 hashSegment() throws IOException {
    segment.force();
    synchronized (encoder) {
      return segment.hash(encoder.scratch());
    }
  }

  private void finishRename() throws IOException {
    if (sealedHash == null) {
      return;
    }
    Path target = part.path(sealedHash + SpoolFiles.SEGMENT_SUFFIX);
    Files.move(
        part.path(SpoolFiles.FILES),
        target,
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    DurableFile.syncDirectory(part.directory());
    sealedHash = null;
    close();
  }

  private void openSegment() throws IOException {
    if (segment == null) {
      segment = OpenSegment.create(part.path(SpoolFiles.FILES));
      committedBytes = 0;
    }
  }

  private void readFrame(SourceFile source) {
    source.read(input.clear());
    input.flip();
    moved.run();
  }

  private void clearGroup() {
    group.clear();
    groupNames = 0;
  }

  private void addGap(FileChange change, SourceFile source) {
    source
        .problem()
        .ifPresent(
            problem -> {
              Instant now = Instant.ofEpochSecond(0, change.mtimeNanos());
              group.add(
                  new JournalEntry.GapFound(
                      new Gap(now, now, change.plugin(), Gap.READ_ERROR, -1, problem)));
            });
  }

  private static ByteBuffer padding(FileChange change) {
    return RawFrame.encode(ByteBuffer.allocate(TarHeader.paddingOf(change.sizeBytes())));
  }

  private static int bound(int contentBytes) {
    return (int) FrameEncoder.bound(contentBytes);
  }
}
