package io.pifleet.protocol.archive;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The tar header of a regular file: POSIX ustar, with a pax header before it where ustar cannot say
 * the name or the size (IEEE 1003.1, pax; tar(5)).
 *
 * <pre>
 *   0    name      100      156  (unused: linkname)  101
 *   100  mode        8      257  "ustar\0" "00"        8
 *   108  uid         8      265  uname, gname (empty) 64
 *   116  gid         8      329  devmajor, devminor   16
 *   124  size       12      345  prefix              155
 *   136  mtime      12      500  zero                 12
 *   148  checksum    8
 *   156  typeflag    1
 * </pre>
 */
public final class TarHeader {
  /** Everything in a tar is a multiple of this many bytes. */
  public static final int BLOCK = 512;

  /** Two blocks of zeros end a tar. */
  public static final int END_BYTES = 2 * BLOCK;

  private static final int NAME_BYTES = 100;
  private static final int PREFIX_BYTES = 155;
  private static final long MAX_USTAR_SIZE = 0_77777777777L; // 11 octal digits
  private static final int CHECKSUM_AT = 148;

  private TarHeader() {}

  /**
   * The header, or the headers, of one member.
   *
   * @param name whole name in the tar, {@link io.pifleet.protocol.MemberName} below {@code
   *     DEVICE/ARCHIVE/}
   * @param sizeBytes size of the content
   * @param mtimeSeconds since 1970; earlier times become 1970
   * @return 512 bytes, or a pax header, its records and the header
   */
  public static ByteBuffer encode(String name, long sizeBytes, long mtimeSeconds) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    boolean bigSize = sizeBytes > MAX_USTAR_SIZE;
    int slash = bytes.length <= NAME_BYTES ? 0 : splitAt(bytes);
    if (!bigSize && slash >= 0) {
      byte[] block = new byte[BLOCK];
      fill(block, bytes, slash, sizeBytes, mtimeSeconds, '0');
      return ByteBuffer.wrap(block);
    }
    byte[] records = record("path", name);
    if (bigSize) {
      byte[] size = record("size", Long.toString(sizeBytes));
      int at = records.length;
      records = Arrays.copyOf(records, at + size.length);
      System.arraycopy(size, 0, records, at, size.length);
    }
    byte[] blocks = new byte[BLOCK + records.length + paddingOf(records.length) + BLOCK];
    byte[] paxName = "PaxHeader".getBytes(StandardCharsets.UTF_8);
    fill(blocks, paxName, 0, records.length, mtimeSeconds, 'x');
    System.arraycopy(records, 0, blocks, BLOCK, records.length);
    byte[] header = new byte[BLOCK];
    fill(header, cutAtCharacter(bytes), 0, bigSize ? 0 : sizeBytes, mtimeSeconds, '0');
    System.arraycopy(header, 0, blocks, blocks.length - BLOCK, BLOCK);
    return ByteBuffer.wrap(blocks);
  }

  /** Bytes of zeros that follow {@code sizeBytes} of content. */
  public static int paddingOf(long sizeBytes) {
    return (int) (-sizeBytes & (BLOCK - 1));
  }

  /**
   * Where a long name is cut into prefix and name: the index of a slash, or -1 when it has to go
   * into a pax header.
   */
  private static int splitAt(byte[] name) {
    for (byte b : name) {
      if (b < 0) {
        return -1; // not ASCII
      }
    }
    for (int i = Math.min(PREFIX_BYTES, name.length - 2); i > 0; i--) {
      if (name[i] == '/') {
        return name.length - i - 1 <= NAME_BYTES ? i : -1;
      }
    }
    return -1;
  }

  private static byte[] cutAtCharacter(byte[] name) {
    if (name.length <= NAME_BYTES) {
      return name;
    }
    int end = NAME_BYTES;
    while ((name[end] & 0xC0) == 0x80) { // in the middle of a UTF-8 sequence
      end--;
    }
    return Arrays.copyOf(name, end);
  }

  private static void fill(
      byte[] block, byte[] name, int slash, long sizeBytes, long mtimeSeconds, char type) {
    if (slash == 0) {
      System.arraycopy(name, 0, block, 0, name.length);
    } else {
      System.arraycopy(name, 0, block, 345, slash);
      System.arraycopy(name, slash + 1, block, 0, name.length - slash - 1);
    }
    octal(block, 100, 7, 0644);
    octal(block, 108, 7, 0);
    octal(block, 116, 7, 0);
    octal(block, 124, 11, sizeBytes);
    octal(block, 136, 11, Math.min(Math.max(mtimeSeconds, 0), MAX_USTAR_SIZE));
    block[156] = (byte) type;
    byte[] magic = {'u', 's', 't', 'a', 'r', 0, '0', '0'};
    System.arraycopy(magic, 0, block, 257, magic.length);
    octal(block, 329, 7, 0);
    octal(block, 337, 7, 0);
    Arrays.fill(block, CHECKSUM_AT, CHECKSUM_AT + 8, (byte) ' ');
    int sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += block[i] & 0xFF;
    }
    octal(block, CHECKSUM_AT, 6, sum);
    block[CHECKSUM_AT + 6] = 0;
  }

  private static void octal(byte[] block, int at, int digits, long value) {
    long rest = value;
    for (int i = at + digits - 1; i >= at; i--) {
      block[i] = (byte) ('0' + (rest & 7));
      rest >>>= 3;
    }
  }

  /** A pax record, {@code "LENGTH key=value\n"}, whose length counts its own digits. */
  private static byte[] record(String key, String value) {
    byte[] rest = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8);
    int length = rest.length + 1;
    while (Integer.toString(length).length() + rest.length != length) {
      length = Integer.toString(length).length() + rest.length;
    }
    byte[] digits = Integer.toString(length).getBytes(StandardCharsets.UTF_8);
    byte[] record = Arrays.copyOf(digits, length);
    System.arraycopy(rest, 0, record, digits.length, rest.length);
    return record;
  }
}
