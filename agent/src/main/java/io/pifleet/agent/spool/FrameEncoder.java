package io.pifleet.agent.spool;

import io.pifleet.linux.ZstdCompressor;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Makes zstd frames for both streams with one context and one buffer: two would cost the agent a
 * megabyte and save a few milliseconds of waiting. Callers hold its monitor from {@link #frame} on
 * for as long as they use the buffer it returned; nobody holds it while reading from a plugin's
 * file.
 */
final class FrameEncoder implements Closeable {
  /** Most content of a frame. Above the window of 128 KiB a larger frame compresses no better. */
  static final int MAX_CONTENT = 128 << 10;

  static final int WINDOW_LOG = 17;
  private static final int LEVEL = 3;

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(ZstdCompressor.bound(MAX_CONTENT));
  private final ZstdCompressor compressor;

  FrameEncoder() throws IOException {
    compressor = new ZstdCompressor(LEVEL, WINDOW_LOG);
  }

  /** Most bytes of frames over {@code contentBytes}, which may be many frames. */
  static long bound(long contentBytes) {
    long whole = contentBytes / MAX_CONTENT;
    int rest = (int) (contentBytes % MAX_CONTENT);
    return whole * ZstdCompressor.bound(MAX_CONTENT) + (rest == 0 ? 0 : ZstdCompressor.bound(rest));
  }

  /**
   * One frame over all that remains of {@code content}.
   *
   * @param content direct, at most {@link #MAX_CONTENT} bytes
   * @return valid until the next call
   */
  synchronized ByteBuffer frame(ByteBuffer content) throws IOException {
    buffer.clear();
    compressor.compressFrame(content, buffer);
    return buffer.flip();
  }

  /** The buffer, for other uses between frames. */
  synchronized ByteBuffer scratch() {
    return buffer.clear();
  }

  @Override
  public synchronized void close() {
    compressor.close();
  }
}
