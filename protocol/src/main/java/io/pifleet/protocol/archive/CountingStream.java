package io.pifleet.protocol.archive;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts what is read, and refuses to read past the longest manifest. */
final class CountingStream extends FilterInputStream {
  private int count;

  CountingStream(InputStream source) {
    super(source);
  }

  int count() {
    return count;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int read = super.read(target, offset, length);
    if (read > 0) {
      count += read;
      if (count > Manifest.MAX_BYTES) {
        throw new ManifestException("longer than " + Manifest.MAX_BYTES + " bytes");
      }
    }
    return read;
  }
}
