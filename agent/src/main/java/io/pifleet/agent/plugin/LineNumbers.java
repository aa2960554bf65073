package io.pifleet.agent.plugin;

import java.nio.charset.StandardCharsets;

/** The forms that a field value without quotes may have. Stateless. */
final class LineNumbers {

  /** More digits than a double's largest finite value has before the point. */
  private static final int SURELY_FINITE_DIGITS = 300;

  private LineNumbers() {}

  static boolean isValue(byte[] b, int from, int to) {
    if (from == to) {
      return false;
    }
    return switch (b[to - 1]) {
      case 'i' -> isInteger(b, from, to - 1);
      case 'u' -> isUnsigned(b, from, to - 1);
      case 't', 'T', 'f', 'F', 'e', 'E' -> isBoolean(b, from, to);
      default -> isFloat(b, from, to);
    };
  }

  /** A number of 64 bits with a sign. */
  static boolean isInteger(byte[] b, int from, int to) {
    boolean negative = from < to && b[from] == '-';
    int start = negative ? from + 1 : from;
    return isWithin(b, start, to, negative ? "9223372036854775808" : "9223372036854775807");
  }

  private static boolean isUnsigned(byte[] b, int from, int to) {
    return isWithin(b, from, to, "18446744073709551615");
  }

  /** Digits whose value is not above the limit's. */
  private static boolean isWithin(byte[] b, int from, int to, String limit) {
    int start = from;
    while (start < to - 1 && b[start] == '0') {
      start++;
    }
    int digits = to - start;
    if (digits < 1 || digits > limit.length()) {
      return false;
    }
    boolean below = digits < limit.length();
    for (int i = 0; i < digits; i++) {
      int c = b[start + i];
      if (c < '0' || c > '9' || (!below && c > limit.charAt(i))) {
        return false;
      }
      below |= c < limit.charAt(i);
    }
    return true;
  }

  private static boolean isBoolean(byte[] b, int from, int to) {
    return switch (to - from) {
      case 1 -> b[from] == 't' || b[from] == 'T' || b[from] == 'f' || b[from] == 'F';
      case 4 -> is("true", b, from) || is("True", b, from) || is("TRUE", b, from);
      case 5 -> is("false", b, from) || is("False", b, from) || is("FALSE", b, from);
      default -> false;
    };
  }

  private static boolean is(String word, byte[] b, int from) {
    for (int i = 0; i < word.length(); i++) {
      if (b[from + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** {@code -12}, {@code 1.5}, {@code .5}, {@code 5.}, {@code 1e-3}; finite as a double. */
  private static boolean isFloat(byte[] b, int from, int to) {
    int i = from < to && b[from] == '-' ? from + 1 : from;
    int whole = digits(b, i, to);
    i += whole;
    int fraction = 0;
    if (i < to && b[i] == '.') {
      fraction = digits(b, i + 1, to);
      i += 1 + fraction;
    }
    if (whole + fraction == 0) {
      return false;
    }
    boolean exponent = i < to && (b[i] == 'e' || b[i] == 'E');
    if (exponent) {
      i++;
      if (i < to && (b[i] == '+' || b[i] == '-')) {
        i++;
      }
      int digits = digits(b, i, to);
      if (digits == 0) {
        return false;
      }
      i += digits;
    }
    if (i != to) {
      return false;
    }
    return (!exponent && whole < SURELY_FINITE_DIGITS)
        || Double.isFinite(
            Double.parseDouble(new String(b, from, to - from, StandardCharsets.US_ASCII)));
  }

  private static int digits(byte[] b, int from, int to) {
    int i = from;
    while (i < to && b[i] >= '0' && b[i] <= '9') {
      i++;
    }
    return i - from;
  }
}
