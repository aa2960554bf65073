package io.pifleet.protocol.archive;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A zstd frame of raw blocks (RFC 8878, section 3.1.1): bytes as they are, in a frame whose length
 * is known before its content is.
 *
 * <pre>
 *   28 B5 2F FD | descriptor | content size (1, 2 or 4 bytes) | block, block, …
 *   block: length &lt;&lt; 3 | last (3 bytes, little-endian) | at most 131,072 bytes
 * </pre>
 */
public final class RawFrame {
  /** The frame of one tar header without a pax header. */
  public static final int TAR_HEADER_FRAME_BYTES = encodedLength(TarHeader.BLOCK);

  private static final int MAGIC = 0xFD2FB528;
  private static final int SINGLE_SEGMENT = 1 << 5;
  private static final int MAX_BLOCK = 1 << 17; // RFC 8878, section 3.1.1.2.4

  private RawFrame() {}

  /** Length of the frame over {@code contentBytes}; 0 for nothing. */
  public static int encodedLength(int contentBytes) {
    if (contentBytes == 0) {
      return 0;
    }
    int blocks = (contentBytes + MAX_BLOCK - 1) / MAX_BLOCK;
    return 4 + 1 + contentSizeBytes(contentBytes) + 3 * blocks + contentBytes;
  }

  /**
   * Wraps all that remains of {@code content}.
   *
   * @return the frame, ready to be read; empty when the content is
   */
  public static ByteBuffer encode(ByteBuffer content) {
    ByteBuffer frame = ByteBuffer.allocate(encodedLength(content.remaining()));
    encode(content, frame);
    return frame.flip();
  }

  /** As {@link #encode(ByteBuffer)}, into {@code target}, whose byte order is left as it was. */
  public static void encode(ByteBuffer content, ByteBuffer target) {
    if (!content.hasRemaining()) {
      return;
    }
    ByteOrder order = target.order();
    target.order(ByteOrder.LITTLE_ENDIAN);
    int length = content.remaining();
    target.putInt(MAGIC);
    switch (contentSizeBytes(length)) {
      case 1 -> target.put((byte) SINGLE_SEGMENT).put((byte) length);
      case 2 -> target.put((byte) (SINGLE_SEGMENT | 1 << 6)).putShort((short) (length - 256));
      default -> target.put((byte) (SINGLE_SEGMENT | 2 << 6)).putInt(length);
    }
    while (content.hasRemaining()) {
      int block = Math.min(content.remaining(), MAX_BLOCK);
      int last = block == content.remaining() ? 1 : 0;
      int header = block << 3 | last;
      target.putShort((short) header).put((byte) (header >> 16));
      target.put(content.duplicate().limit(content.position() + block));
      content.position(content.position() + block);
    }
    target.order(order);
  }

  private static int contentSizeBytes(int length) {
    return length < 256 ? 1 : length < 65_792 ? 2 : 4;
  }
}
