package io.pifleet.linux;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * What the file system of a path has left: statvfs(3). Java tells the bytes, and not the inodes, of
 * which a card with many small files runs out first.
 *
 * @param freeBytes that a process without privileges can still write
 * @param inodes files that it can hold at all; 0 where it does not count them (btrfs, vfat)
 * @param freeInodes files that a process without privileges can still make
 */
public record FileSystemSpace(long freeBytes, long inodes, long freeInodes) {
  // struct statvfs64 of glibc, bits/statvfs.h: two unsigned longs, six 64-bit counters, and more
  private static final int STATVFS_BYTES = 256;

  /**
   * Asks the kernel.
   *
   * @throws NativeLibraryException if libc cannot be reached through JNA
   * @throws NativeCallException if the path is not there, or its file system does not answer
   */
  public static FileSystemSpace of(Path path) throws IOException {
    NativeLibraries.requireLibc();
    byte[] statvfs = new byte[STATVFS_BYTES];
    if (LibC.statvfs64(path.toString(), statvfs) == -1) {
      throw new NativeCallException("statvfs(" + path + ")", Native.getLastError());
    }
    return parse(ByteBuffer.wrap(statvfs).order(ByteOrder.nativeOrder()), Native.LONG_SIZE);
  }

  /**
   * Reads {@code struct statvfs64}.
   *
   * <pre>
   *                     64-bit   32-bit
   * unsigned long bsize    0        0
   * unsigned long frsize   8        4     unit of the blocks
   * u64 blocks            16        8
   * u64 bfree             24       16
   * u64 bavail            32       24
   * u64 files             40       32
   * u64 ffree             48       40
   * u64 favail            56       48
   * </pre>
   */
  static FileSystemSpace parse(ByteBuffer statvfs, int longBytes) {
    long unit = longBytes == 8 ? statvfs.getLong(8) : Integer.toUnsignedLong(statvfs.getInt(4));
    int counters = 2 * longBytes;
    return new FileSystemSpace(
        statvfs.getLong(counters + 16) * unit,
        statvfs.getLong(counters + 24),
        statvfs.getLong(counters + 40));
  }
}
