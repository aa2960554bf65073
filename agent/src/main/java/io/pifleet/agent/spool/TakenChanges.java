package io.pifleet.agent.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Which changes were taken: 16 bytes of memory each. What the journals of open parts say comes from
 * those at start; the file holds what sealed parts took. Thread-safe.
 *
 * <pre>
 *   file: entries of 20 bytes, big-endian: high (8) | low (8), its last byte a mark | CRC-32C (4)
 *   mark: day on which the change was last seen, modulo 250; 255 before any
 * </pre>
 */
final class TakenChanges {
  /** Days for which a change that is not seen any more is remembered: a disk comes back. */
  static final int REMEMBERED_DAYS = 7;

  /** 4 MiB of heap. */
  static final int MAX_CHANGES = 1 << 18;

  private static final int ENTRY_BYTES = 20;
  private static final int MARKS = 250;
  private static final int UNMARKED = 255;
  private static final long MARK_BITS = 0xFF;

  private final Path file;
  private long[] highs = new long[64];
  private long[] lows = new long[64];
  private int count;
  private long fileEntries; // of the thread that persists
  private int today = UNMARKED;

  private TakenChanges(Path file) {
    this.file = file;
  }

  /** Reads the file; damaged entries and a torn tail are left out. */
  static TakenChanges load(Path file) throws IOException {
    TakenChanges changes = new TakenChanges(file);
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.allocate(ENTRY_BYTES * 400);
      while (channel.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.remaining() >= ENTRY_BYTES) {
          changes.loadEntry(buffer);
        }
        buffer.compact();
      }
      channel.truncate(changes.fileEntries * ENTRY_BYTES);
    }
    return changes;
  }

  synchronized int count() {
    return count;
  }

  /** Says which day it is, in days since 1970; without a known time nothing is marked. */
  synchronized void today(long epochDay) {
    today = (int) Math.floorMod(epochDay, (long) MARKS);
  }

  /** Whether the change was taken; marks it as seen. */
  synchronized boolean contains(Fingerprint change) {
    int index = find(change.high(), change.low());
    if (index < 0) {
      return false;
    }
    if (today != UNMARKED) {
      lows[index] = (lows[index] & ~MARK_BITS) | today;
    }
    return true;
  }

  /** Remembers a change, in memory. */
  synchronized void add(Fingerprint change) {
    insert(change.high(), (change.low() & ~MARK_BITS) | today);
  }

  /** Forgets changes of a plugin that have not been seen for {@link #REMEMBERED_DAYS}. */
  synchronized void forgetUnseen(String plugin) {
    if (today == UNMARKED) {
      return;
    }
    int most = count > MAX_CHANGES * 3L / 4 ? 1 : REMEMBERED_DAYS;
    long bits = Fingerprint.pluginBits(plugin);
    int kept = 0;
    for (int i = 0; i < count; i++) {
      int mark = (int) (lows[i] & MARK_BITS);
      boolean old = mark != UNMARKED && Math.floorMod(today - mark, MARKS) > most;
      if (!old || Fingerprint.pluginBitsOf(lows[i]) != bits) {
        highs[kept] = highs[i];
        lows[kept++] = mark == UNMARKED ? (lows[i] & ~MARK_BITS) | today : lows[i];
      }
    }
    count = kept;
  }

  /** Writes the changes that a part took, durably, before its journal goes. */
  void persist(PartJournal journal) throws IOException {
    int mark = mark();
    if (fileEntries > 2L * count() + 1024) {
      rewrite();
      return; // the part's are in memory too
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.position(fileEntries * ENTRY_BYTES);
      ByteBuffer buffer = ByteBuffer.allocate(ENTRY_BYTES * 400);
      journal.replay(
          new JournalVisitor() {
            @Override
            public void fileTaken(JournalEntry.FileTaken entry) throws IOException {
              write(entry.fingerprint());
            }

            @Override
            public void largeFileTaken(JournalEntry.LargeFileTaken entry) throws IOException {
              write(entry.fingerprint());
            }

            private void write(Fingerprint change) throws IOException {
              if (buffer.remaining() < ENTRY_BYTES) {
                writeAll(channel, buffer);
              }
              putEntry(buffer, change.high(), (change.low() & ~MARK_BITS) | mark);
            }
          });
      writeAll(channel, buffer);
      channel.force(true);
      fileEntries = channel.position() / ENTRY_BYTES;
    }
  }

  private synchronized int mark() {
    return today;
  }

  private void rewrite() throws IOException {
    long[] highCopy;
    long[] lowCopy;
    synchronized (this) { // asking does not wait for the disk
      highCopy = Arrays.copyOf(highs, count);
      lowCopy = Arrays.copyOf(lows, count);
    }
    SpoolFiles.replace(
        file,
        target -> {
          ByteBuffer buffer = ByteBuffer.allocate(ENTRY_BYTES);
          for (int i = 0; i < highCopy.length; i++) {
            putEntry(buffer.clear(), highCopy[i], lowCopy[i]);
            target.write(buffer.array());
          }
        });
    fileEntries = highCopy.length;
  }

  private void loadEntry(ByteBuffer buffer) {
    int position = buffer.position();
    long high = buffer.getLong();
    long low = buffer.getLong();
    fileEntries++;
    if (buffer.getInt() == checksum(buffer, position)) {
      insert(high, low);
    }
  }

  private void insert(long high, long low) {
    int index = find(high, low);
    if (index >= 0) {
      lows[index] = low;
      return;
    }
    int at = -index - 1;
    if (count == highs.length) {
      int larger = count + (count >> 1);
      highs = Arrays.copyOf(highs, larger);
      lows = Arrays.copyOf(lows, larger);
    }
    System.arraycopy(highs, at, highs, at + 1, count - at);
    System.arraycopy(lows, at, lows, at + 1, count - at);
    highs[at] = high;
    lows[at] = low;
    count++;
  }

  /** Sorted by high, then by low without its mark. As Arrays.binarySearch. */
  private int find(long high, long low) {
    long wanted = low & ~MARK_BITS;
    int from = 0;
    int to = count - 1;
    while (from <= to) {
      int middle = (from + to) >>> 1;
      int order = Long.compare(highs[middle], high);
      if (order == 0) {
        order = Long.compare(lows[middle] & ~MARK_BITS, wanted);
      }
      if (order == 0) {
        return middle;
      } else if (order < 0) {
        from = middle + 1;
      } else {
        to = middle - 1;
      }
    }
    return -from - 1;
  }

  private static void putEntry(ByteBuffer buffer, long high, long low) {
    int position = buffer.position();
    buffer.putLong(high).putLong(low);
    buffer.putInt(checksum(buffer, position));
  }

  private static int checksum(ByteBuffer buffer, int position) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.duplicate().position(position).limit(position + 2 * Long.BYTES));
    return (int) crc.getValue();
  }

  private static void writeAll(FileChannel channel, ByteBuffer buffer) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }
}
