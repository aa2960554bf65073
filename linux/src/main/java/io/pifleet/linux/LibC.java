package io.pifleet.linux;

import com.sun.jna.NativeLong;

/**
 * The functions of libc that the package calls, bound by {@link NativeLibraries#requireLibc()}.
 *
 * <p>size_t and ssize_t are {@link NativeLong}s, as wide as a pointer on every Linux; socklen_t is
 * an int. Read {@code errno} by {@link com.sun.jna.Native#getLastError()} right after a -1 and
 * never otherwise: a call that succeeds may leave any value there.
 *
 * <p>Each function is the plain symbol, which on 32-bit ARM keeps the 32-bit {@code time_t} and
 * {@code struct timeval} for ever: programs compiled for a 64-bit {@code time_t} link to other
 * symbols ({@code ___adjtimex64}), so the layouts of today's C headers do not describe these.
 */
final class LibC {
  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;
  static final int SOCK_STREAM = 1;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_CLOEXEC = 0x80000;
  static final int MSG_NOSIGNAL = 0x4000;

  // asm-generic/socket.h
  static final int SOL_SOCKET = 1;
  static final int SO_TYPE = 3;
  static final int SO_SNDBUF = 7;
  static final int SO_RCVBUF = 8;
  static final int SO_SNDTIMEO = 21; // SO_SNDTIMEO_OLD: two longs
  static final int SO_MAX_PACING_RATE = 47;

  // linux/in.h, linux/tcp.h
  static final int IPPROTO_TCP = 6;
  static final int TCP_INFO = 11;
  static final int TCP_CONGESTION = 13;
  static final int TCP_USER_TIMEOUT = 18;
  static final int TCP_NOTSENT_LOWAT = 25;

  private LibC() {}

  static native int socket(int domain, int type, int protocol);

  static native int close(int descriptor);

  static native int getsockopt(int descriptor, int level, int option, byte[] value, int[] length);

  static native int setsockopt(int descriptor, int level, int option, byte[] value, int length);

  static native int getsockname(int descriptor, byte[] address, int[] length);

  static native int getpeername(int descriptor, byte[] address, int[] length);

  static native NativeLong sendto(
      int descriptor,
      byte[] message,
      NativeLong length,
      int flags,
      byte[] address,
      int addressLength);

  static native int adjtimex(byte[] timex);

  static native int statvfs64(String path, byte[] statvfs);
}
