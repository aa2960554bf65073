package io.pifleet.agent.spool;

import io.pifleet.protocol.archive.Sha256;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * A segment that is being written. After a failed write it is as long as before. Owned by one
 * stream; not thread-safe.
 */
final class OpenSegment implements Closeable {
  private final FileChannel channel;
  private int length;
  private boolean tailIsDirty;

  private OpenSegment(FileChannel channel) {
    this.channel = channel;
  }

  /** An empty one, in place of whatever has its name. */
  static OpenSegment create(Path file) throws IOException {
    return reopen(file, 0);
  }

  /** The first {@code length} bytes of what is there; the rest is cut off. */
  static OpenSegment reopen(Path file, int length) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    OpenSegment segment = new OpenSegment(channel);
    try {
      segment.truncate(length);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return segment;
  }

  int lengthBytes() {
    return length;
  }

  /** Adds all that remains of {@code bytes}, with one write as a rule. */
  void append(ByteBuffer bytes) throws IOException {
    if (tailIsDirty) {
      truncate(length);
    }
    try {
      int position = length;
      while (bytes.hasRemaining()) {
        position += channel.write(bytes, position);
      }
      length = position;
    } catch (IOException e) {
      tailIsDirty = true;
      try {
        truncate(length);
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /** Writes over bytes that are there, at {@code position}. */
  void overwrite(int position, ByteBuffer bytes) throws IOException {
    int at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  void truncate(int newLength) throws IOException {
    channel.truncate(newLength);
    length = newLength;
    tailIsDirty = false;
  }

  void force() throws IOException {
    channel.force(false);
  }

  /** Reads all of it back. {@code scratch} is a direct buffer for the reading. */
  Sha256 hash(ByteBuffer scratch) throws IOException {
    return hash(channel, scratch);
  }

  static Sha256 hash(FileChannel channel, ByteBuffer scratch) throws IOException {
    MessageDigest hasher = Sha256.hasher();
    long position = 0;
    while (true) {
      int read = channel.read(scratch.clear(), position);
      if (read < 0) {
        return Sha256.of(hasher);
      }
      hasher.update(scratch.flip());
      position += read;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
