package io.pifleet.linux;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the kernel knows of the quality of its clock, from adjtimex(2), which only reads here and
 * needs no privilege. Under systemd, {@code ProtectClock=yes} and a system call filter without
 * {@code adjtimex clock_adjtime} forbid reading too.
 *
 * @param synchronizedNow whether something disciplines the clock: the maximum error is below 16 s.
 *     The kernel starts at that bound and returns to it when nothing corrects the clock for long
 *     ({@code NTP_PHASE_LIMIT}). STA_UNSYNC is not asked, because a daemon may set it only to keep
 *     the kernel's hands off the RTC; timedatectl(1) decides in the same way.
 * @param offsetNanos what is left to correct
 * @param estimatedErrorMicros estimated error
 * @param maxErrorMicros maximum error; grows by 500 ppm between corrections
 * @param statusBits the STA_* bits of {@code linux/timex.h}, for display
 */
public record KernelClock(
    boolean synchronizedNow,
    long offsetNanos,
    long estimatedErrorMicros,
    long maxErrorMicros,
    int statusBits) {

  // linux/timex.h
  private static final int STA_NANO = 0x2000;
  private static final long UNSYNCHRONIZED_MAX_ERROR_MICROS = 16_000_000;

  // struct timex is 208 bytes with 64-bit longs, 128 with 32-bit ones.
  private static final int TIMEX_BYTES = 256;

  /**
   * Asks the kernel.
   *
   * @throws NativeLibraryException if libc cannot be reached through JNA
   * @throws NativeCallException if the call is forbidden
   */
  public static KernelClock read() throws IOException {
    NativeLibraries.requireLibc();
    byte[] timex = new byte[TIMEX_BYTES]; // modes = 0: read only
    if (LibC.adjtimex(timex) == -1) {
      throw new NativeCallException(
          "adjtimex",
          Native.getLastError(),
          "a system call filter has to allow adjtimex and clock_adjtime");
    }
    return parse(ByteBuffer.wrap(timex).order(ByteOrder.nativeOrder()), Native.LONG_SIZE);
  }

  /**
   * Reads {@code struct timex} as the plain symbol adjtimex fills it.
   *
   * <pre>
   *                    64-bit   32-bit
   * int  modes            0        0
   * long offset           8        4     ns with STA_NANO, else us
   * long freq            16        8
   * long maxerror        24       12     us
   * long esterror        32       16     us
   * int  status          40       20
   * </pre>
   *
   * <p>On 32-bit ARM, a C program compiled with a 64-bit {@code time_t} (all of Debian 13) uses
   * {@code ___adjtimex64} with 64-bit fields; the symbol that is called here is the other one and
   * keeps 32-bit longs there. Nothing is read behind {@code status}, where the time itself would be
   * and 2038 would matter.
   */
  static KernelClock parse(ByteBuffer timex, int longBytes) {
    int status = timex.getInt(5 * longBytes);
    long offset = longAt(timex, 1, longBytes);
    long maxError = longAt(timex, 3, longBytes);
    return new KernelClock(
        maxError < UNSYNCHRONIZED_MAX_ERROR_MICROS,
        (status & STA_NANO) != 0 ? offset : offset * 1_000,
        longAt(timex, 4, longBytes),
        maxError,
        status);
  }

  private static long longAt(ByteBuffer timex, int index, int longBytes) {
    return longBytes == Long.BYTES
        ? timex.getLong(index * Long.BYTES)
        : timex.getInt(index * Integer.BYTES);
  }
}
