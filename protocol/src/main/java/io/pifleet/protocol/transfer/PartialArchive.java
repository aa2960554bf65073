package io.pifleet.protocol.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An archive that is arriving. Owned by one receiver at a time; not thread-safe, but calls may come
 * from different threads one after the other.
 *
 * <p>Segments are 0 to {@code segments - 1} of the manifest. Every method may throw {@link
 * RefusedException} to refuse with a code of its own ({@code disk-full}); any other {@link
 * IOException} becomes {@code storage}.
 */
public interface PartialArchive extends Closeable {
  /** Whether the segment is there and its hash was found right. */
  boolean isVerified(int segment);

  /**
   * Bytes at the start of a segment that is not verified that arrived before: 0 to its size. They
   * are hashed before they count.
   */
  int heldBytes(int segment);

  /**
   * Takes all that remains of {@code bytes}.
   *
   * @param offset in the segment; what is written of one segment is without holes
   */
  void write(int segment, int offset, ByteBuffer bytes) throws IOException;

  /** Fills {@code target} from what was written or held. */
  void read(int segment, int offset, ByteBuffer target) throws IOException;

  /** The hash of the whole segment is right. */
  void verified(int segment) throws IOException;

  /** The hash of the whole segment is wrong: nothing of it is held any more. */
  void discard(int segment) throws IOException;

  /**
   * Called once all segments are verified: stores the archive for good (synced, under its final
   * name, catalogued). May take long. Afterwards only {@link #close} is called.
   *
   * @return the receipt's bytes
   */
  byte[] commit() throws IOException;

  /** Keeps what has arrived for the next connection, unless committed. */
  @Override
  void close() throws IOException;
}
