package io.pifleet.agent.spool;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * The journal of an open part: what the part consists of, in the order in which it became durable.
 * Append-only; a torn tail is cut off when it is opened, a damaged line before the tail is left out
 * and counted. Thread-safe: both streams append.
 */
final class PartJournal implements Closeable {
  private final FileChannel channel;
  private long length;
  private boolean tailIsDirty;
  private int damagedLines;
  // Pairs: entries of the file stream from the first offset up to the second one do not count.
  private long[] voids = new long[0];

  private PartJournal(FileChannel channel) {
    this.channel = channel;
  }

  /** Opens or makes the journal. The directory has to be synced by the caller after making it. */
  static PartJournal open(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    PartJournal journal = new PartJournal(channel);
    try {
      journal.scan();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return journal;
  }

  /** Lines before the tail that could not be read when the journal was opened. */
  int damagedLines() {
    return damagedLines;
  }

  /** Where the next entry will begin. */
  synchronized long length() {
    return length;
  }

  /**
   * Adds entries with one write and makes them durable. Either all of them count or none.
   *
   * @return where the first of them begins
   */
  synchronized long append(JournalEntry... entries) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream(256 * entries.length);
    for (JournalEntry entry : entries) {
      JournalFormat.write(entry, lines);
    }
    ByteBuffer bytes = ByteBuffer.wrap(lines.toByteArray());
    int added = bytes.remaining();
    long start = length;
    if (tailIsDirty) {
      cutBack(); // throws when the disk still refuses
    }
    try {
      long position = start;
      while (bytes.hasRemaining()) {
        position += channel.write(bytes, position);
      }
      channel.force(false);
    } catch (IOException e) {
      tailIsDirty = true;
      try {
        cutBack();
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
    length = start + added;
    for (JournalEntry entry : entries) {
      if (entry instanceof JournalEntry.Voided voided) {
        addVoid(voided.since(), start);
      }
    }
    return start;
  }

  /** Shows all entries that count, oldest first. Others may append meanwhile. */
  void replay(JournalVisitor visitor) throws IOException {
    long end;
    long[] left;
    synchronized (this) {
      end = length;
      left = voids;
    }
    read(
        end,
        (offset, next, entry) -> {
          if (entry.isPresent() && !(entry.get().isOfFiles() && isVoid(left, offset))) {
            visitor.at(offset, next);
            entry.get().visit(visitor);
          }
        });
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void cutBack() throws IOException {
    channel.truncate(length);
    tailIsDirty = false;
  }

  private void scan() throws IOException {
    int[] damaged = {0};
    read(
        channel.size(),
        (offset, next, entry) -> {
          if (entry.isEmpty()) {
            damaged[0]++;
            return;
          }
          length = next;
          damagedLines = damaged[0]; // only those that have a good line behind them
          if (entry.get() instanceof JournalEntry.Voided voided) {
            addVoid(voided.since(), offset);
          }
        });
    if (channel.size() > length) {
      channel.truncate(length);
    }
  }

  private void addVoid(long since, long until) {
    voids = Arrays.copyOf(voids, voids.length + 2);
    voids[voids.length - 2] = since;
    voids[voids.length - 1] = until;
  }

  private static boolean isVoid(long[] voids, long offset) {
    for (int i = 0; i < voids.length; i += 2) {
      if (offset >= voids[i] && offset < voids[i + 1]) {
        return true;
      }
    }
    return false;
  }

  private interface LineReader {
    void line(long offset, long next, Optional<JournalEntry> entry) throws IOException;
  }

  /** Reads whole lines up to {@code end}; a last one without its newline is not shown. */
  private void read(long end, LineReader reader) throws IOException {
    byte[] buffer = new byte[2 * JournalFormat.MAX_LINE_BYTES];
    int filled = 0;
    long bufferAt = 0;
    boolean skipping = false; // inside a line that is longer than any good one
    while (bufferAt + filled < end) {
      int room = (int) Math.min(buffer.length - filled, end - bufferAt - filled);
      // Not by the file's name: the directory gets another one when the time becomes known.
      int read = channel.read(ByteBuffer.wrap(buffer, filled, room), bufferAt + filled);
      if (read < 0) {
        return;
      }
      filled += read;
      int lineStart = 0;
      for (int i = 0; i < filled; i++) {
        if (buffer[i] == '\n') {
          Optional<JournalEntry> entry =
              skipping ? Optional.empty() : JournalFormat.read(buffer, lineStart, i - lineStart);
          reader.line(bufferAt + lineStart, bufferAt + i + 1, entry);
          skipping = false;
          lineStart = i + 1;
        }
      }
      if (lineStart == 0 && filled == buffer.length) {
        skipping = true;
        lineStart = filled;
      }
      System.arraycopy(buffer, lineStart, buffer, 0, filled - lineStart);
      filled -= lineStart;
      bufferAt += lineStart;
    }
  }
}
