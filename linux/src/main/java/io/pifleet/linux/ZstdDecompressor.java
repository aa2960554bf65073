package io.pifleet.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Decodes a stream of zstd frames in bounded memory: a frame that wants a window of more than
 * {@code 1 << maxWindowLog} bytes is refused before anything is allocated for it.
 *
 * <p>The loop of a caller:
 *
 * <pre>{@code
 * do {
 *   boolean frameEnded = decompressor.decompress(src, dst);
 *   // take what is in dst and clear it; where frameEnded, src stands right behind the frame
 * } while (src.hasRemaining() || dst was full);
 * }</pre>
 *
 * <p>Holds native memory (about 100 KB, and the window and a block more while a frame is decoded)
 * until {@link #close}. Owned by one thread at a time; not thread-safe.
 */
public final class ZstdDecompressor implements AutoCloseable {
  // ZSTD_WINDOWLOG_ABSOLUTEMIN, ZSTD_WINDOWLOG_MAX_32
  private static final int MIN_WINDOW_LOG = 10;
  private static final int MAX_WINDOW_LOG = 30;

  // ZSTD_outBuffer {void* dst; size_t size; size_t pos;}, and right behind it ZSTD_inBuffer, in
  // words of a pointer's size
  private static final int OUT = 0;
  private static final int IN = 3;
  private static final int SIZE = 1;
  private static final int POS = 2;

  // Not static: this class has to be usable as far as its exception when JNA is not.
  private final int wordBytes;
  private final ByteBuffer arguments;
  private final Pointer out;
  private final Pointer in;
  private Pointer context;

  /**
   * A decompressor that stands before the first frame.
   *
   * @param maxWindowLog largest accepted window as a power of two, 10 to 30; 27 takes everything
   *     that the zstd command makes without {@code --long}
   * @throws NativeLibraryException if libzstd cannot be loaded
   * @throws ZstdException if the library has no memory for a context
   */
  public ZstdDecompressor(int maxWindowLog) throws NativeLibraryException, ZstdException {
    if (maxWindowLog < MIN_WINDOW_LOG || maxWindowLog > MAX_WINDOW_LOG) {
      throw new IllegalArgumentException(
          "zstd maxWindowLog is %d; wanted %d to %d"
              .formatted(maxWindowLog, MIN_WINDOW_LOG, MAX_WINDOW_LOG));
    }
    NativeLibraries.requireZstd();
    wordBytes = Native.SIZE_T_SIZE;
    arguments = ByteBuffer.allocateDirect(6 * wordBytes).order(ByteOrder.nativeOrder());
    Pointer base = Native.getDirectBufferPointer(arguments);
    out = base.share(OUT);
    in = base.share((long) IN * wordBytes);
    context = ZstdCalls.created(LibZstd.ZSTD_createDCtx(), "decompression");
    try {
      ZstdCalls.checked(
          LibZstd.ZSTD_DCtx_setParameter(context, LibZstd.ZSTD_D_WINDOW_LOG_MAX, maxWindowLog),
          "set-up");
    } catch (ZstdException e) {
      close();
      throw e;
    }
  }

  /**
   * Decodes what it can and advances both buffers. Never reads over the end of a frame: when it
   * returns true, {@code src} stands on the first byte behind the frame, all of the frame's bytes
   * have been written to {@code dst} or to its predecessors, and their checksum was right.
   *
   * <p>False means that more source, or more room, is needed. Call again while {@code dst} came
   * back full, even with an empty {@code src}: the library may hold decoded bytes.
   *
   * @param src direct
   * @param dst direct
   * @return whether a frame has just ended (a skippable frame counts, and gives no bytes)
   * @throws ZstdException if the bytes are no zstd, damaged, or want too large a window; {@code
   *     src} then stands where it was, and {@link #reset} is needed before the next use
   */
  public boolean decompress(ByteBuffer src, ByteBuffer dst) throws ZstdException {
    requireOpen();
    put(OUT, Pointer.nativeValue(ZstdCalls.address(dst, true)), dst.remaining());
    put(IN, Pointer.nativeValue(ZstdCalls.address(src, false)), src.remaining());
    long hint = ZstdCalls.checked(LibZstd.ZSTD_decompressStream(context, out, in), "decompression");
    src.position(src.position() + Math.toIntExact(word(IN + POS)));
    dst.position(dst.position() + Math.toIntExact(word(OUT + POS)));
    return hint == 0;
  }

  /** Forgets a frame that was begun; the next byte is the first of a frame. */
  public void reset() throws ZstdException {
    requireOpen();
    ZstdCalls.checked(LibZstd.ZSTD_DCtx_reset(context, LibZstd.ZSTD_RESET_SESSION_ONLY), "reset");
  }

  /** Frees the native memory; may be called more than once. */
  @Override
  public void close() {
    if (context != null) {
      Pointer freed = context;
      context = null;
      LibZstd.ZSTD_freeDCtx(freed);
    }
  }

  private void requireOpen() {
    if (context == null) {
      throw new IllegalStateException("the decompressor is closed");
    }
  }

  private void put(int struct, long address, int size) {
    putWord(struct, address);
    putWord(struct + SIZE, size);
    putWord(struct + POS, 0);
  }

  private void putWord(int index, long value) {
    if (wordBytes == Long.BYTES) {
      arguments.putLong(index * Long.BYTES, value);
    } else {
      arguments.putInt(index * Integer.BYTES, (int) value);
    }
  }

  private long word(int index) {
    return wordBytes == Long.BYTES
        ? arguments.getLong(index * Long.BYTES)
        : arguments.getInt(index * Integer.BYTES);
  }
}
