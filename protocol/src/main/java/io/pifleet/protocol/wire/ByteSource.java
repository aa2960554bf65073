package io.pifleet.protocol.wire;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a {@link MessageReader} gets its bytes from. */
@FunctionalInterface
public interface ByteSource {
  /**
   * Reads some bytes; blocks until there is at least one.
   *
   * @param target has room for at least one byte
   * @return number of bytes read, or -1 at the end of the stream
   */
  int read(ByteBuffer target) throws IOException;
}
