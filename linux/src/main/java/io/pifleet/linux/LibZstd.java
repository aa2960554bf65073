package io.pifleet.linux;

import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;

/**
 * The stable part of {@code zstd.h} that the package calls (libzstd 1.4.0 or later), bound by
 * {@link NativeLibraries#requireZstd()}.
 *
 * <p>size_t is {@link NativeLong}. A result that is an error code is a small negative number when
 * it is read signed; {@link #ZSTD_isError} is what decides.
 */
final class LibZstd {
  // ZSTD_cParameter
  static final int ZSTD_C_COMPRESSION_LEVEL = 100;
  static final int ZSTD_C_WINDOW_LOG = 101;
  static final int ZSTD_C_CONTENT_SIZE_FLAG = 200;
  static final int ZSTD_C_CHECKSUM_FLAG = 201;

  // ZSTD_dParameter
  static final int ZSTD_D_WINDOW_LOG_MAX = 100;

  // ZSTD_ResetDirective
  static final int ZSTD_RESET_SESSION_ONLY = 1;

  private LibZstd() {}

  static native int ZSTD_isError(NativeLong result);

  static native String ZSTD_getErrorName(NativeLong result);

  static native Pointer ZSTD_createCCtx();

  static native NativeLong ZSTD_freeCCtx(Pointer context);

  static native NativeLong ZSTD_CCtx_setParameter(Pointer context, int parameter, int value);

  static native NativeLong ZSTD_compress2(
      Pointer context, Pointer dst, NativeLong dstBytes, Pointer src, NativeLong srcBytes);

  static native Pointer ZSTD_createDCtx();

  static native NativeLong ZSTD_freeDCtx(Pointer context);

  static native NativeLong ZSTD_DCtx_setParameter(Pointer context, int parameter, int value);

  static native NativeLong ZSTD_DCtx_reset(Pointer context, int directive);

  static native NativeLong ZSTD_decompressStream(Pointer context, Pointer output, Pointer input);
}
