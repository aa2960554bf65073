package io.pifleet.agent.spool;

import io.pifleet.agent.plugin.FileChange;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The file of a change, read to exactly the announced length: what is missing is zeros, what is too
 * much is left out. Once open, it never throws for what the file does; {@link #problem} tells.
 * Owned by the thread {@code files}.
 */
final class SourceFile implements Closeable {
  /** A file that is no longer what was announced. */
  static final class ChangedException extends IOException {
    private static final long serialVersionUID = 1L;

    ChangedException(String message) {
      super(message);
    }
  }

  /** Opens the file of a change; see {@link #open}. */
  interface Opener {
    SourceFile open(FileChange change) throws IOException;
  }

  private final FileChange change;
  private final FileChannel channel;
  private long position;
  private String problem;

  private SourceFile(FileChange change, FileChannel channel) {
    this.change = change;
    this.channel = channel;
  }

  /**
   * Opens the file if it still is what the change says.
   *
   * @throws ChangedException when it is another one now: it will be offered again as a new change
   * @throws IOException when it cannot be opened
   */
  static SourceFile open(FileChange change) throws IOException {
    // open(2) of a named pipe would wait for a writer: look before. Once more behind, because the
    // name may have changed hands in between.
    requireUnchanged(change);
    FileChannel channel =
        FileChannel.open(change.path(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    try {
      requireUnchanged(change);
      return new SourceFile(change, channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Bytes that {@link #read} has still to give. */
  long remainingBytes() {
    return change.sizeBytes() - position;
  }

  /** Fills {@code target}, or gives all that remains. */
  void read(ByteBuffer target) {
    if (target.remaining() > remainingBytes()) {
      target.limit(target.position() + (int) remainingBytes());
    }
    position += target.remaining();
    try {
      while (problem == null && target.hasRemaining()) {
        if (channel.read(target) < 0) {
          problem =
              "%s ended at %d of %d bytes while it was read; the rest is zeros"
                  .formatted(change.path(), position - target.remaining(), change.sizeBytes());
        }
      }
    } catch (IOException e) {
      problem =
          "%s cannot be read from %d on: %s; the rest is zeros"
              .formatted(change.path(), position - target.remaining(), e.getMessage());
    }
    while (target.hasRemaining()) {
      target.put((byte) 0);
    }
  }

  /** What was wrong with the file, if anything was. */
  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static void requireUnchanged(FileChange change) throws IOException {
    Path path = change.path();
    BasicFileAttributes attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw new ChangedException(path + " is no regular file any more");
    }
    Map<String, Object> unix =
        Files.readAttributes(path, "unix:ino,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
    long inode = ((Number) unix.get("ino")).longValue();
    long mtime = attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
    if (inode != change.inode()
        || attributes.size() != change.sizeBytes()
        || mtime != change.mtimeNanos()) {
      throw new ChangedException(path + " has changed since it was offered");
    }
  }
}
