package io.pifleet.agent.spool;

import io.pifleet.linux.ZstdDecompressor;
import io.pifleet.linux.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Finds out how much of an open segment is good by decoding it: walking frame headers would accept
 * damaged blocks.
 *
 * @param goodBytes up to the end of the last good frame
 * @param contentBytes decoded from them
 * @param records of line protocol in them
 */
record RecordScan(int goodBytes, long contentBytes, long records) {
  private static final int INPUT_BYTES = 1 << 16;
  private static final int FRAME_HEADER_BYTES = 5;
  private static final int MAGIC = 0x28B52FFD;
  private static final int CHECKSUM_FLAG = 1 << 2; // RFC 8878, section 3.1.1.1.1

  /**
   * Decodes frames from {@code start} up to {@code end}.
   *
   * @param checksummedOnly stop at the first frame without a checksum: a record segment that was
   *     about to be sealed has such a one, of padding
   */
  static RecordScan of(Path file, int start, long end, boolean checksummedOnly) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        ZstdDecompressor decompressor = new ZstdDecompressor(FrameEncoder.WINDOW_LOG)) {
      return new Scan(channel, decompressor, Math.min(end, channel.size()), checksummedOnly)
          .run(start);
    }
  }

  private static final class Scan {
    private final FileChannel channel;
    private final ZstdDecompressor decompressor;
    private final long end;
    private final boolean checksummedOnly;
    private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_BYTES).limit(0);
    private final ByteBuffer output = ByteBuffer.allocateDirect(INPUT_BYTES);
    private final RecordCounter counter = new RecordCounter();
    private long inputAt; // position in the file of the buffer's first byte

    Scan(FileChannel channel, ZstdDecompressor decompressor, long end, boolean checksummedOnly) {
      this.channel = channel;
      this.decompressor = decompressor;
      this.end = end;
      this.checksummedOnly = checksummedOnly;
    }

    RecordScan run(int start) throws IOException {
      long good = start;
      long content = 0;
      long records = 0;
      inputAt = start;
      while (startsFrame()) {
        long frameContent = frame();
        if (frameContent < 0) {
          break;
        }
        good = inputAt + input.position();
        content += frameContent;
        records = counter.records();
      }
      return new RecordScan((int) Math.min(good, Integer.MAX_VALUE), content, records);
    }

    private boolean startsFrame() throws IOException {
      if (!fill(FRAME_HEADER_BYTES)) {
        return false;
      }
      int at = input.position();
      return input.getInt(at) == MAGIC
          && (!checksummedOnly || (input.get(at + 4) & CHECKSUM_FLAG) != 0);
    }

    /** Content of the next frame in bytes, -1 when it is damaged or not whole. */
    private long frame() throws IOException {
      long content = 0;
      while (true) {
        output.clear();
        boolean ended;
        int before = input.remaining();
        try {
          ended = decompressor.decompress(input, output);
        } catch (ZstdException e) {
          if (!e.dataIsBad()) {
            throw e; // no memory: no reason to cut
          }
          decompressor.reset();
          return -1;
        }
        content += output.position();
        counter.count(output.flip());
        if (ended) {
          return content;
        }
        boolean moved = input.remaining() < before || output.limit() > 0;
        if (!input.hasRemaining() && !fill(1) && !moved) {
          decompressor.reset();
          return -1;
        }
      }
    }

    /** Sees to {@code bytes} of input; false when the file ends before. */
    private boolean fill(int bytes) throws IOException {
      if (input.remaining() >= bytes) {
        return true;
      }
      inputAt += input.position();
      input.compact();
      while (input.position() < bytes) {
        long at = inputAt + input.position();
        input.limit((int) Math.min(input.capacity(), Math.max(0, end - inputAt)));
        if (!input.hasRemaining() || channel.read(input, at) < 0) {
          break;
        }
      }
      input.flip();
      return input.remaining() >= bytes;
    }
  }
}
