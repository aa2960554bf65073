package io.pifleet.agent.plugin.builtin;

import io.pifleet.agent.plugin.Quotation;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the small text files of /proc and /sys, line by line and word by word, in one buffer that
 * is used again and again: a run makes next to no garbage.
 *
 * <p>Not thread-safe.
 */
final class KernelText {

  /** /proc/stat of a machine with a thousand cores is a tenth of this. */
  private static final int MAX_BYTES = 1024 * 1024;

  /** FileInputStream reads more than this by way of malloc. */
  private static final int READ_BYTES = 8 * 1024;

  private byte[] buffer = new byte[1024];
  private String file = "";
  private int filled;
  private int next;
  private int position;
  private int lineEnd;

  /**
   * Reads a file whole.
   *
   * @throws IOException when it cannot be read, or is longer than 1 MiB
   */
  void load(String path) throws IOException {
    file = path;
    filled = 0;
    next = 0;
    position = 0;
    lineEnd = 0;
    try (FileInputStream in = new FileInputStream(path)) {
      while (true) {
        if (filled == buffer.length) {
          if (filled >= MAX_BYTES) {
            throw new IOException(path + " is longer than " + MAX_BYTES + " bytes");
          }
          buffer = Arrays.copyOf(buffer, 2 * filled);
        }
        int read = in.read(buffer, filled, Math.min(READ_BYTES, buffer.length - filled));
        if (read < 0) {
          return;
        }
        filled += read;
      }
    }
  }

  /** Goes to the next line, initially the first; false when there is none. */
  boolean nextLine() {
    if (next >= filled) {
      return false;
    }
    position = next;
    lineEnd = position;
    while (lineEnd < filled && buffer[lineEnd] != '\n') {
      lineEnd++;
    }
    next = lineEnd + 1;
    return true;
  }

  /** Passes over this text if it is what comes next in the line. */
  boolean skip(String text) {
    int length = text.length();
    if (lineEnd - position < length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (buffer[position + i] != text.charAt(i)) {
        return false;
      }
    }
    position += length;
    return true;
  }

  /** Whether anything but blanks is left in the line; passes over blanks. */
  boolean hasMore() {
    while (position < lineEnd && isBlank(buffer[position])) {
      position++;
    }
    return position < lineEnd;
  }

  /** The next word of the line; empty at its end. */
  String word() {
    return hasMore() ? take(' ', '\t') : "";
  }

  /**
   * What comes before this character, which is passed over; at the end of the line, the rest of it.
   */
  String until(char end) {
    String taken = hasMore() ? take(end, end) : "";
    if (position < lineEnd) {
      position++;
    }
    return taken;
  }

  /** Passes over this many words. */
  void skipWords(int count) {
    for (int i = 0; i < count && hasMore(); i++) {
      while (position < lineEnd && !isBlank(buffer[position])) {
        position++;
      }
    }
  }

  /**
   * The next number of the line, a decimal one that may have a minus sign.
   *
   * @throws IOException when there is something else
   */
  long number() throws IOException {
    hasMore();
    int start = position;
    boolean negative = position < lineEnd && buffer[position] == '-';
    if (negative) {
      position++;
    }
    int digits = 0;
    long value = 0;
    while (position < lineEnd && buffer[position] >= '0' && buffer[position] <= '9') {
      // Counters are unsigned 64-bit: what does not fit wraps as the kernel's own arithmetic does.
      value = 10 * value + (buffer[position] - '0');
      position++;
      digits++;
    }
    if (digits == 0) {
      throw new IOException(
          file
              + " holds "
              + Quotation.of(buffer, start, lineEnd - start)
              + " where a number was expected");
    }
    return negative ? -value : value;
  }

  private String take(char end, char otherEnd) {
    int start = position;
    while (position < lineEnd && buffer[position] != end && buffer[position] != otherEnd) {
      position++;
    }
    return new String(buffer, start, position - start, StandardCharsets.UTF_8);
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }
}
