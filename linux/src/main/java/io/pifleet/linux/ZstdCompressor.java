package io.pifleet.linux;

import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * Makes zstd frames, each from one call, with the content size and a checksum in it (RFC 8878,
 * section 3.1.1). The checksum is what makes damage visible: without it, two thirds of the frames
 * with one flipped bit decode to wrong bytes and no error.
 *
 * <p>Holds native memory (about 1 MB at level 1 with windowLog 17, 1.7 MB at level 3) from the
 * first frame until {@link #close}. Owned by one thread at a time; not thread-safe.
 */
public final class ZstdCompressor implements AutoCloseable {
  // 27 (128 MiB) is what decoders accept without being told more; ZSTD_WINDOWLOG_LIMIT_DEFAULT.
  private static final int MIN_WINDOW_LOG = 10;
  private static final int MAX_WINDOW_LOG = 27;
  private static final int MAX_LEVEL = 22;

  private Pointer context;

  /**
   * A compressor whose every frame has these parameters.
   *
   * @param level 1 (fast) to 22 (small)
   * @param windowLog the window's size as a power of two, 10 to 27: bounds the memory of both
   *     sides; 0 leaves it to the level
   * @throws NativeLibraryException if libzstd cannot be loaded
   * @throws ZstdException if the library has no memory for a context
   */
  public ZstdCompressor(int level, int windowLog) throws NativeLibraryException, ZstdException {
    if (level < 1 || level > MAX_LEVEL) {
      throw new IllegalArgumentException("zstd level is " + level + "; wanted 1 to " + MAX_LEVEL);
    }
    if (windowLog != 0 && (windowLog < MIN_WINDOW_LOG || windowLog > MAX_WINDOW_LOG)) {
      throw new IllegalArgumentException(
          "zstd windowLog is %d; wanted 0, or %d to %d"
              .formatted(windowLog, MIN_WINDOW_LOG, MAX_WINDOW_LOG));
    }
    NativeLibraries.requireZstd();
    context = ZstdCalls.created(LibZstd.ZSTD_createCCtx(), "compression");
    try {
      set(LibZstd.ZSTD_C_COMPRESSION_LEVEL, level);
      set(LibZstd.ZSTD_C_WINDOW_LOG, windowLog);
      set(LibZstd.ZSTD_C_CONTENT_SIZE_FLAG, 1);
      set(LibZstd.ZSTD_C_CHECKSUM_FLAG, 1);
    } catch (ZstdException e) {
      close();
      throw e;
    }
  }

  /**
   * Compresses all of {@code src} into one frame and advances both buffers; after an exception both
   * stand where they were.
   *
   * @param src direct; may be empty, which makes a valid frame of no bytes
   * @param dst direct, with {@link #bound} bytes of room to be sure
   * @return bytes of the frame
   * @throws ZstdException if {@code dst} is too small
   */
  public int compressFrame(ByteBuffer src, ByteBuffer dst) throws ZstdException {
    if (context == null) {
      throw new IllegalStateException("the compressor is closed");
    }
    NativeLong result =
        LibZstd.ZSTD_compress2(
            context,
            ZstdCalls.address(dst, true),
            new NativeLong(dst.remaining()),
            ZstdCalls.address(src, false),
            new NativeLong(src.remaining()));
    int frameBytes = Math.toIntExact(ZstdCalls.checked(result, "compression"));
    src.position(src.limit());
    dst.position(dst.position() + frameBytes);
    return frameBytes;
  }

  /**
   * Most bytes that a frame of {@code srcBytes} can take: {@code ZSTD_COMPRESSBOUND} of zstd.h,
   * which is part of the stable interface.
   */
  public static int bound(int srcBytes) {
    if (srcBytes < 0) {
      throw new IllegalArgumentException("a frame of " + srcBytes + " bytes");
    }
    int block = 128 << 10;
    long small = srcBytes < block ? (block - srcBytes) >>> 11 : 0;
    return Math.toIntExact(srcBytes + (srcBytes >>> 8) + small);
  }

  /** Frees the native memory; may be called more than once. */
  @Override
  public void close() {
    if (context != null) {
      Pointer freed = context;
      context = null;
      LibZstd.ZSTD_freeCCtx(freed);
    }
  }

  private void set(int parameter, int value) throws ZstdException {
    ZstdCalls.checked(LibZstd.ZSTD_CCtx_setParameter(context, parameter, value), "set-up");
  }
}
