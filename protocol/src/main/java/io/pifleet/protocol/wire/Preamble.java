package io.pifleet.protocol.wire;

import java.nio.ByteBuffer;

/**
 * The 8 bytes that each side sends once, in front of its first message.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------------------------------------------------------+
 *   |                  50 49 46 4C  ("PIFL")                        |
 *   +-------------------------------+-------------------------------+
 *   |           major               |           minor               |
 *   +-------------------------------+-------------------------------+
 * </pre>
 *
 * The first byte is not 0x16, the first one of a TLS record, so that TLS can share the port.
 *
 * @param major 0 to 65,535; another major version is another protocol
 * @param minor 0 to 65,535; a higher one only adds optional fields
 */
public record Preamble(int major, int minor) {
  public static final int BYTES = 8;
  public static final Preamble CURRENT = new Preamble(1, 0);

  private static final int MAGIC = 0x5049464C;

  public void write(ByteBuffer target) {
    target.putInt(MAGIC).putShort((short) major).putShort((short) minor);
  }

  /**
   * Takes the next {@link #BYTES} of {@code source}.
   *
   * @throws ProtocolException for another magic; the version is not judged
   */
  public static Preamble read(ByteBuffer source) throws ProtocolException {
    int magic = source.getInt();
    if (magic != MAGIC) {
      throw new ProtocolException(
          ProtocolError.MESSAGE,
          String.format("preamble starts with %08x; wanted: %08x", magic, MAGIC));
    }
    return new Preamble(
        Short.toUnsignedInt(source.getShort()), Short.toUnsignedInt(source.getShort()));
  }

  /** Whether this side can talk to one with this preamble. */
  public boolean isSpoken() {
    return major == CURRENT.major;
  }
}
