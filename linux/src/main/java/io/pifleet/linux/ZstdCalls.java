package io.pifleet.linux;

import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/** What the calls into libzstd share: buffer addresses and results. */
final class ZstdCalls {
  private ZstdCalls() {}

  /** The context just made, or the exception for a null one. */
  static Pointer created(Pointer context, String doing) throws ZstdException {
    if (context == null) {
      throw new ZstdException(doing, "Allocation error : not enough memory", 64);
    }
    return context;
  }

  /** The result, or the exception that it stands for. */
  static long checked(NativeLong result, String doing) throws ZstdException {
    if (LibZstd.ZSTD_isError(result) != 0) {
      throw new ZstdException(
          doing, LibZstd.ZSTD_getErrorName(result), Math.toIntExact(-result.longValue()));
    }
    return result.longValue();
  }

  /**
   * Where the buffer's position is in memory. The buffer has to stay reachable while the pointer is
   * used, which it is when the caller touches it after the call.
   */
  static Pointer address(ByteBuffer buffer, boolean written) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException("a heap buffer; wanted a direct one: " + buffer);
    }
    if (written && buffer.isReadOnly()) {
      throw new IllegalArgumentException("a read-only buffer as destination: " + buffer);
    }
    return Native.getDirectBufferPointer(buffer).share(buffer.position());
  }
}
