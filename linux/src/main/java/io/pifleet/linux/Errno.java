package io.pifleet.linux;

/**
 * Names and texts of the error numbers that the calls of this package can meet; {@code
 * asm-generic/errno.h}, the same numbers on x86 and ARM.
 */
final class Errno {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EINVAL = 22;
  static final int ENOTSOCK = 88;

  private Errno() {}

  /** "EPERM (Operation not permitted)", or "errno 123" for a number that is not in the table. */
  static String describe(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM (Operation not permitted)";
      case ENOENT -> "ENOENT (No such file or directory)";
      case EINTR -> "EINTR (Interrupted system call)";
      case 9 -> "EBADF (Bad file descriptor)";
      case 11 -> "EAGAIN (Resource temporarily unavailable)";
      case 12 -> "ENOMEM (Cannot allocate memory)";
      case 13 -> "EACCES (Permission denied)";
      case 14 -> "EFAULT (Bad address)";
      case 16 -> "EBUSY (Device or resource busy)";
      case 20 -> "ENOTDIR (Not a directory)";
      case EINVAL -> "EINVAL (Invalid argument)";
      case 23 -> "ENFILE (Too many open files in system)";
      case 24 -> "EMFILE (Too many open files)";
      case 25 -> "ENOTTY (Inappropriate ioctl for device)";
      case 33 -> "EDOM (Numerical argument out of domain)";
      case 38 -> "ENOSYS (Function not implemented)";
      case ENOTSOCK -> "ENOTSOCK (Socket operation on non-socket)";
      case 90 -> "EMSGSIZE (Message too long)";
      case 91 -> "EPROTOTYPE (Protocol wrong type for socket)";
      case 92 -> "ENOPROTOOPT (Protocol not available)";
      case 95 -> "EOPNOTSUPP (Operation not supported)";
      case 97 -> "EAFNOSUPPORT (Address family not supported by protocol)";
      case 104 -> "ECONNRESET (Connection reset by peer)";
      case 105 -> "ENOBUFS (No buffer space available)";
      case 106 -> "EISCONN (Transport endpoint is already connected)";
      case 107 -> "ENOTCONN (Transport endpoint is not connected)";
      case 111 -> "ECONNREFUSED (Connection refused)";
      default -> "errno " + errno;
    };
  }
}
