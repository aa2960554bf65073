package io.pifleet.protocol.transfer;

import io.pifleet.protocol.archive.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A sealed archive, as a sender needs it. Used by the sending thread alone; nothing of it may
 * change while it is offered.
 */
public interface ArchiveSource {
  Manifest manifest();

  /**
   * The manifest itself: {@link Manifest#lengthBytes()} bytes from the buffer's position to its
   * limit. Called once for each offer. Best a direct or mapped buffer: the JDK copies any other
   * into a direct one of the same size, which its thread then keeps.
   */
  ByteBuffer manifestBytes() throws IOException;

  /**
   * Opens the file that holds segment {@code segment}, 0 to {@code segments - 1}. The caller closes
   * it.
   *
   * @throws IOException when it cannot be served: {@link ArchiveSender#offer} throws {@link
   *     SegmentUnavailableException} then
   */
  SegmentFile open(int segment) throws IOException;
}
