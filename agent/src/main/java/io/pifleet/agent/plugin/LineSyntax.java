package io.pifleet.agent.plugin;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads one record of line protocol in a buffer and says whether InfluxDB and its relatives would
 * take it.
 *
 * <pre>
 * record  = [blank] name *( "," name "=" name ) 1*SP field *( "," field ) [ 1*SP stamp ] [blank] LF
 * field   = name "=" ( string / float / integer "i" / unsigned "u" / boolean )
 * string  = DQUOTE *( any but DQUOTE and backslash / backslash any ) DQUOTE      ; LF is allowed inside
 * stamp   = ["-"] 1*DIGIT                                                        ; fits 64 bits
 * </pre>
 *
 * <p>In names a backslash takes the special meaning from comma, space and equals sign. Source: the
 * InfluxDB line protocol reference; where it leaves room, the grammar of Telegraf's parser.
 * Stricter than both in two points, because an archive is read by others too: text has to be UTF-8,
 * and control characters stand nowhere but in strings (tab, newline, carriage return).
 *
 * <p>One object reads many records, one after the other; not thread-safe.
 */
final class LineSyntax {

  enum Verdict {
    RECORD,
    /** Blank, or a comment. */
    NOTHING,
    /** The bytes end inside the record: the newline that ends it is not there. */
    INCOMPLETE,
    WRONG
  }

  private static final String MEASUREMENT = "measurement";

  private byte[] bytes = new byte[0];
  private int limit;
  private int position;

  private int recordStart;
  private int recordEnd;
  private boolean stamped;
  private String wrong = "";
  private boolean incomplete;

  /** Reads the record that begins at {@code from}; bytes from {@code to} on are not there. */
  Verdict read(byte[] buffer, int from, int to) {
    bytes = buffer;
    limit = to;
    position = from;
    stamped = false;
    incomplete = false;
    wrong = "";
    skipBlanks();
    int first = peek();
    if (first == '#') {
      while (peek() >= 0 && peek() != '\n') {
        position++;
      }
    }
    if (peek() < 0) {
      return Verdict.INCOMPLETE;
    }
    if (peek() == '\n') {
      position++;
      return Verdict.NOTHING;
    }
    recordStart = position;
    if (series() && fields() && stampAndEnd() && utf8()) {
      return Verdict.RECORD;
    }
    return incomplete ? Verdict.INCOMPLETE : Verdict.WRONG;
  }

  /** First byte of the record. */
  int recordStart() {
    return recordStart;
  }

  /** First byte after the record, before trailing blanks and newline. */
  int recordEnd() {
    return recordEnd;
  }

  /** First byte after the newline. */
  int next() {
    return position;
  }

  /** Whether the record has a timestamp. */
  boolean stamped() {
    return stamped;
  }

  /** What is wrong, as the end of a sentence. */
  String wrong() {
    return wrong;
  }

  private boolean series() {
    if (!name(MEASUREMENT, ", ")) {
      return false;
    }
    while (peek() == ',') {
      position++;
      if (!name("tag key", "=")) {
        return false;
      }
      position++;
      if (!name("tag value", ", ")) {
        return false;
      }
    }
    return true;
  }

  private boolean fields() {
    skipSpaces();
    while (true) {
      if (!name("field key", "=")) {
        return false;
      }
      position++;
      if (!value()) {
        return false;
      }
      recordEnd = position;
      if (peek() != ',') {
        return true;
      }
      position++;
    }
  }

  private boolean stampAndEnd() {
    boolean separated = peek() == ' ';
    skipBlanks();
    if (separated && (peek() == '-' || isDigit(peek()))) {
      int start = position;
      position++;
      while (isDigit(peek())) {
        position++;
      }
      if (peek() >= 0 && !LineNumbers.isInteger(bytes, start, position)) {
        return fail("the timestamp is no 64-bit number");
      }
      stamped = true;
      recordEnd = position;
      skipBlanks();
    }
    int end = peek();
    if (end != '\n') {
      return end < 0 ? needMore() : fail("unexpected text after the fields");
    }
    position++;
    return true;
  }

  /** Reads up to, not including, one of the two or fewer terminators. */
  private boolean name(String what, String terminators) {
    int start = position;
    while (true) {
      int c = peek();
      if (c < 0) {
        return needMore();
      }
      if (c == '\\' && position + 1 < limit && isNameByte(bytes[position + 1])) {
        // A pair of backslashes is one of text and one that may still escape what follows.
        position += bytes[position + 1] == '\\' ? 1 : 2;
        continue;
      }
      if (terminators.indexOf(c) >= 0) {
        return position > start || fail("empty " + what);
      }
      if (c == '\n' || (c == '\r' && isLineEnd())) {
        return fail(position > start ? what + " without what has to follow" : "no " + what);
      }
      if (c == ' ' || c == ',' || (c == '=' && !what.equals(MEASUREMENT))) {
        return fail("unescaped \"" + (char) c + "\" in " + what);
      }
      if (!isNameByte((byte) c)) {
        return fail("control character in " + what);
      }
      position++;
    }
  }

  private boolean value() {
    if (peek() == '"') {
      return string();
    }
    int start = position;
    while (peek() > ' ' && peek() != ',') {
      position++;
    }
    if (peek() < 0) {
      return needMore();
    }
    return LineNumbers.isValue(bytes, start, position)
        || fail(
            "field value "
                + Quotation.of(bytes, start, position - start)
                + " is no number, boolean or string in quotes");
  }

  private boolean string() {
    position++;
    while (true) {
      int c = peek();
      if (c < 0) {
        return needMore();
      }
      position++;
      if (c == '"') {
        return true;
      }
      if (c == '\\') {
        if (peek() < 0) {
          return needMore();
        }
        position++;
      } else if (c < ' ' && c != '\t' && c != '\n' && c != '\r') {
        return fail("control character in string");
      }
    }
  }

  private boolean utf8() {
    int i = recordStart;
    while (i < recordEnd && bytes[i] >= 0) {
      i++;
    }
    if (i == recordEnd) {
      return true;
    }
    // Rare, so that a String for the comparison is no burden: malformed input decodes to
    // replacement characters.
    int length = recordEnd - recordStart;
    byte[] again =
        new String(bytes, recordStart, length, StandardCharsets.UTF_8)
            .getBytes(StandardCharsets.UTF_8);
    return Arrays.equals(again, 0, again.length, bytes, recordStart, recordEnd)
        || fail("not UTF-8");
  }

  private boolean isLineEnd() {
    return position + 1 < limit && bytes[position + 1] == '\n';
  }

  private void skipSpaces() {
    while (peek() == ' ') {
      position++;
    }
  }

  private void skipBlanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\r') {
      position++;
    }
  }

  private int peek() {
    return position < limit ? bytes[position] & 0xff : -1;
  }

  private boolean fail(String what) {
    wrong = what;
    return false;
  }

  private boolean needMore() {
    incomplete = true;
    return false;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNameByte(byte b) {
    return b < 0 || b >= ' ';
  }
}
