package io.pifleet.agent.plugin;

import java.util.Arrays;

/**
 * Writes line protocol: {@code measurement,tag=value field=1i,other="text" 1700000000000000000}.
 *
 * <pre>{@code
 * lines.line("temp").tag("zone", "thermal_zone0").field("temp", 48.3).end(gathering.stampNanos());
 * }</pre>
 *
 * <p>Escapes as Telegraf's serializer does: in names and tags a backslash before comma, space and
 * equals sign; in strings before quote and backslash; tab, newline, form feed and carriage return
 * become the two characters {@code \t}, {@code \n}, {@code \f}, {@code \r}, so that what is written
 * here is one line per record. Values that the protocol has no form for (empty tags, NaN,
 * infinities) are left out; a line without any field is left out whole. Lines are buffered and
 * handed over in batches.
 *
 * <p>Owned by one plugin's run; not thread-safe.
 */
public final class LineWriter {

  /** The longest line that is passed on, in bytes, with its newline. */
  public static final int MAX_LINE_BYTES = 64 * 1024;

  /** Enough for a run of any built-in plugin, small enough to stay in the young generation. */
  private static final int BATCH_BYTES = 16 * 1024;

  private static final int INITIAL_BYTES = 1024;

  /** Takes finished batches. */
  interface Outlet {
    void batch(byte[] lines, int length, int records);

    /** A line was longer than {@link #MAX_LINE_BYTES} and is left out. */
    void tooLong(String measurement);
  }

  private enum State {
    IDLE,
    TAGS,
    FIELDS,
    /** The line is longer than allowed; the rest of it is ignored. */
    TOO_LONG
  }

  private final Outlet outlet;
  private byte[] buffer = new byte[INITIAL_BYTES];
  private int position;
  private int lineStart;
  private int records;
  private State state = State.IDLE;
  private String measurement = "";

  LineWriter(Outlet outlet) {
    this.outlet = outlet;
  }

  /** Begins a record. An unfinished one is dropped. */
  public LineWriter line(String name) {
    if (name.isEmpty() || name.charAt(0) == '#') {
      throw new IllegalArgumentException(
          "measurement \"" + name + "\" is empty or reads as a comment");
    }
    position = lineStart;
    measurement = name;
    state = State.TAGS;
    name(name, false);
    return this;
  }

  /** Adds a tag; an empty value adds nothing. Tags stand before fields. */
  public LineWriter tag(String key, String value) {
    if (state == State.TOO_LONG || value.isEmpty()) {
      return this;
    }
    if (state != State.TAGS) {
      throw new IllegalStateException(
          "tag " + key + " has to stand after line() and before any field");
    }
    put(',');
    name(requireName(key), true);
    put('=');
    name(value, true);
    return this;
  }

  /** Adds an integer field. */
  public LineWriter field(String key, long value) {
    if (field(key)) {
      putLong(value);
      put('i');
    }
    return this;
  }

  /** Adds a float field, unless the value is NaN or infinite. */
  public LineWriter field(String key, double value) {
    if (Double.isFinite(value) && field(key)) {
      if (value == Math.rint(value) && Math.abs(value) < 1e15) {
        putLong((long) value);
      } else {
        putAscii(Double.toString(value));
      }
    }
    return this;
  }

  /** Adds a boolean field. */
  public LineWriter field(String key, boolean value) {
    if (field(key)) {
      putAscii(value ? "true" : "false");
    }
    return this;
  }

  /** Adds a string field. */
  public LineWriter field(String key, String value) {
    if (field(key)) {
      put('"');
      for (int i = 0; i < value.length(); ) {
        int c = value.codePointAt(i);
        i += Character.charCount(c);
        if (!putControl(c)) {
          if (c == '"' || c == '\\') {
            put('\\');
          }
          putUtf8(c);
        }
      }
      put('"');
    }
    return this;
  }

  /**
   * Ends the record.
   *
   * @param stampNanos its time, nanoseconds since 1970-01-01T00:00:00Z
   */
  public void end(long stampNanos) {
    if (state == State.IDLE) {
      throw new IllegalStateException("end() without line()");
    }
    boolean hasFields = state == State.FIELDS;
    if (hasFields) {
      put(' ');
      putLong(stampNanos);
      put('\n');
    }
    finish(hasFields && state == State.FIELDS);
  }

  /**
   * Adds a record that is known to be line protocol, without its newline and, where {@code stamped}
   * is false, without its stamp.
   */
  void copy(byte[] from, int offset, int length, boolean stamped, long stampNanos) {
    position = lineStart;
    measurement = "";
    state = State.FIELDS;
    if (reserve(length)) {
      System.arraycopy(from, offset, buffer, position, length);
      position += length;
    }
    if (!stamped) {
      put(' ');
      putLong(stampNanos);
    }
    put('\n');
    finish(state == State.FIELDS);
  }

  /** Hands over what is finished. */
  void flush() {
    if (records > 0) {
      outlet.batch(buffer, lineStart, records);
    }
    reset();
  }

  /** Forgets what was not handed over. */
  void reset() {
    position = 0;
    lineStart = 0;
    records = 0;
    state = State.IDLE;
  }

  private void finish(boolean keep) {
    if (keep) {
      lineStart = position;
      records++;
    } else {
      position = lineStart;
      if (state == State.TOO_LONG) {
        outlet.tooLong(measurement);
      }
    }
    state = State.IDLE;
    if (lineStart >= BATCH_BYTES) {
      flush();
    }
  }

  private boolean field(String key) {
    switch (state) {
      case TAGS -> {
        put(' ');
        if (state == State.TAGS) {
          state = State.FIELDS;
        }
      }
      case FIELDS -> put(',');
      case TOO_LONG -> {
        return false;
      }
      case IDLE -> throw new IllegalStateException("field " + key + " without line()");
    }
    name(requireName(key), true);
    put('=');
    return true;
  }

  private static String requireName(String key) {
    if (key.isEmpty()) {
      throw new IllegalArgumentException("empty key");
    }
    return key;
  }

  /**
   * A measurement, key or tag value. A backslash at its end would escape the separator that
   * follows, and is left out.
   */
  private void name(String text, boolean escapeEquals) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '\\') {
      end--;
    }
    if (end == 0) {
      put('_');
    }
    for (int i = 0; i < end; ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (!putControl(c)) {
        if (c == ',' || c == ' ' || (c == '=' && escapeEquals)) {
          put('\\');
        }
        putUtf8(c);
      }
    }
  }

  private boolean putControl(int c) {
    int letter =
        switch (c) {
          case '\t' -> 't';
          case '\n' -> 'n';
          case '\f' -> 'f';
          case '\r' -> 'r';
          default -> 0;
        };
    if (letter == 0) {
      return false;
    }
    put('\\');
    put(letter);
    return true;
  }

  private void putUtf8(int c) {
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xc0 + (c >> 6));
      putTrailing(c);
    } else if (c >= 0x10000) {
      put(0xf0 + (c >> 18));
      putTrailing(c >> 12);
      putTrailing(c >> 6);
      putTrailing(c);
    } else if (Character.isSurrogate((char) c)) {
      put('?'); // half a pair has no UTF-8 form
    } else {
      put(0xe0 + (c >> 12));
      putTrailing(c >> 6);
      putTrailing(c);
    }
  }

  private void putTrailing(int bits) {
    put(0x80 + (bits & 0x3f));
  }

  private void putAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      put(text.charAt(i));
    }
  }

  private void putLong(long value) {
    if (value == Long.MIN_VALUE) {
      putAscii("-9223372036854775808");
      return;
    }
    long rest = value;
    if (rest < 0) {
      put('-');
      rest = -rest;
    }
    int digits = 1;
    for (long power = 10; digits < 19 && rest >= power; power *= 10) {
      digits++;
    }
    if (reserve(digits)) {
      position += digits;
      for (int i = position - 1; i >= position - digits; i--) {
        buffer[i] = (byte) ('0' + rest % 10);
        rest /= 10;
      }
    }
  }

  private void put(int b) {
    if (reserve(1)) {
      buffer[position++] = (byte) b;
    }
  }

  /**
   * Makes room in the buffer; false, for the rest of the line, when the line would become too long.
   */
  private boolean reserve(int bytes) {
    if (state == State.TOO_LONG) {
      return false;
    }
    if (position - lineStart + bytes > MAX_LINE_BYTES) {
      state = State.TOO_LONG;
      return false;
    }
    int needed = position + bytes;
    if (needed > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(needed, buffer.length * 2));
    }
    return true;
  }
}
