package io.pifleet.protocol.transfer;

import io.pifleet.protocol.archive.SegmentTable;
import io.pifleet.protocol.wire.Message;
import io.pifleet.protocol.wire.Need;
import io.pifleet.protocol.wire.ProtocolError;
import io.pifleet.protocol.wire.ProtocolException;
import io.pifleet.protocol.wire.Ranges;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Answers the grants of one offer: DATA, then each range with one send. Keeps the file of the last
 * range open, so that several ranges of one segment open it once. Owned by the sending thread; the
 * counts may be read by any.
 */
final class RangeSender implements Closeable {
  /** Header of the message, and its two fields with their headers. */
  static final int DATA_MESSAGE_BYTES = 8 + 6 + 4 + 6 + 8;

  private final ArchiveSource source;
  private final SegmentTable segments;
  private final PeerOutput output;
  private final SendProgress progress;
  private final boolean blind;
  private SegmentFile file;
  private int fileSegment = -1;
  private int lastGrant;
  private volatile long heldBytes;
  private volatile long grantedBytes;
  private volatile long sentBytes;

  /**
   * @param blind whether the connection cannot tell what was acknowledged
   */
  RangeSender(ArchiveSource source, PeerOutput output, SendProgress progress, boolean blind) {
    this.source = source;
    this.segments = source.manifest().segments();
    this.output = output;
    this.progress = progress;
    this.blind = blind;
  }

  /** What the collector had when it sent its first NEED. */
  long heldBytes() {
    return heldBytes;
  }

  /** Bytes of ranges handed to the connection. */
  long sentBytes() {
    return sentBytes;
  }

  int grants() {
    return lastGrant;
  }

  long totalBytes() {
    return segments.totalBytes();
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void serve(Need need) throws IOException {
    Ranges ranges = need.ranges();
    check(need);
    if (need.grant() == 1) {
      heldBytes = Math.max(0, Math.min(need.heldBytes(), segments.totalBytes()));
    }
    lastGrant = need.grant();
    grantedBytes += ranges.totalBytes();
    open(ranges.segment(0)); // when this fails, nothing has been promised yet
    progress.advanced(heldBytes, grantedBytes, sentBytes);
    output.say(new Message.Data(need.grant(), ranges.totalBytes()));
    for (int i = 0; i < ranges.count(); i++) {
      int segment = ranges.segment(i);
      open(segment);
      long position = file.positionOfSegment() + ranges.offset(i);
      send(segment, position, ranges.length(i));
      sentBytes += ranges.length(i);
      progress.advanced(heldBytes, grantedBytes, sentBytes);
    }
  }

  private void check(Need need) throws ProtocolException {
    if (need.grant() != lastGrant + 1) {
      throw new ProtocolException(
          ProtocolError.MESSAGE, "grant " + need.grant() + "; wanted: " + (lastGrant + 1));
    }
    Ranges ranges = need.ranges();
    for (int i = 0; i < ranges.count(); i++) {
      int segment = ranges.segment(i);
      if (segment >= segments.count()
          || (long) ranges.offset(i) + ranges.length(i) > segments.sizeBytes(segment)) {
        throw new ProtocolException(
            ProtocolError.FIELD,
            String.format(
                "range %d of grant %d is (%d, %d, %d), outside of the archive's %d segments",
                i, need.grant(), segment, ranges.offset(i), ranges.length(i), segments.count()));
      }
    }
  }

  private void open(int segment) throws IOException {
    if (segment == fileSegment) {
      return;
    }
    close();
    try {
      file = source.open(segment);
    } catch (IOException e) {
      throw new SegmentUnavailableException(
          segment, name(segment) + " cannot be opened: " + e.getMessage(), e);
    }
    fileSegment = segment;
  }

  private void send(int segment, long position, int length) throws IOException {
    long sent;
    try {
      sent = output.send(file.channel(), position, length, blind);
    } catch (IOException e) {
      requireReadable(segment, position, length);
      throw e;
    }
    if (sent < length) {
      requireReadable(segment, position, length);
      throw new IOException("the connection ended while " + name(segment) + " was sent");
    }
  }

  /** A failed sendfile(2) does not say which of its two ends failed: asks the file by itself. */
  private void requireReadable(int segment, long position, int length)
      throws SegmentUnavailableException {
    ByteBuffer buffer = ByteBuffer.allocate(16 << 10);
    long end = position + length;
    try {
      for (long at = position; at < end; ) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
        int read = file.channel().read(buffer, at);
        if (read < 0) {
          throw new EOFException(
              "its file has " + file.channel().size() + " bytes; wanted: at least " + end);
        }
        at += read;
      }
    } catch (IOException e) {
      throw new SegmentUnavailableException(
          segment, name(segment) + " cannot be read: " + e.getMessage(), e);
    }
  }

  private String name(int segment) {
    return "segment " + segment + " (" + segments.hash(segment).abbreviated(8) + "…)";
  }

  @Override
  public void close() throws IOException {
    fileSegment = -1;
    if (file != null) {
      SegmentFile done = file;
      file = null;
      done.close();
    }
  }
}
