package io.pifleet.protocol.archive;

import java.nio.ByteBuffer;

/**
 * What follows the segments in a {@code .tar.zst}: one raw frame over the tar header of {@code
 * manifest.json}, the manifest, its padding and the end of the tar. A pure function of the
 * manifest's bytes, so neither side sends it (protocol/README.md, section 2.5).
 */
public final class ArchiveEnd {
  private ArchiveEnd() {}

  /** Length of the end of an archive in bytes. */
  public static int lengthBytes(Manifest manifest) {
    return RawFrame.encodedLength(contentBytes(manifest));
  }

  /**
   * The end, ready to be read.
   *
   * @param manifest what was read from {@code bytes}
   * @param bytes the manifest itself, {@link Manifest#lengthBytes()} of them
   */
  public static ByteBuffer of(Manifest manifest, byte[] bytes) {
    if (bytes.length != manifest.lengthBytes()) {
      throw new IllegalArgumentException(
          "manifest has " + bytes.length + " bytes, was read from " + manifest.lengthBytes());
    }
    ByteBuffer content = ByteBuffer.allocate(contentBytes(manifest));
    content.put(header(manifest)).put(bytes);
    return RawFrame.encode(content.clear()); // a new buffer is zero: padding and end are there
  }

  private static int contentBytes(Manifest manifest) {
    int length = manifest.lengthBytes();
    return header(manifest).remaining()
        + length
        + TarHeader.paddingOf(length)
        + TarHeader.END_BYTES;
  }

  private static ByteBuffer header(Manifest manifest) {
    return TarHeader.encode(
        manifest.device() + "/" + manifest.name() + "/manifest.json",
        manifest.lengthBytes(),
        manifest.sealed().getEpochSecond());
  }
}
