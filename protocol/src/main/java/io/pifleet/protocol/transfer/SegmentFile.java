package io.pifleet.protocol.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;

/** An open file with a segment in it. Owned by the sender that opened it. */
public interface SegmentFile extends Closeable {
  FileChannel channel();

  /** Where the segment starts in {@link #channel}. */
  long positionOfSegment();

  /** A segment that is a file of its own. */
  static SegmentFile whole(FileChannel channel) {
    return new SegmentFile() {
      @Override
      public FileChannel channel() {
        return channel;
      }

      @Override
      public long positionOfSegment() {
        return 0;
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}
