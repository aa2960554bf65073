package io.pifleet.daemon.config;

import java.math.BigDecimal;

/** A number and its unit, split but not yet understood: {@code 1.5 GiB}, {@code 10s}, {@code 7}. */
record QuantityText(BigDecimal number, String unit) {
  /** Longer than any quantity that makes sense; keeps BigDecimal's work bounded. */
  private static final int MAX_LENGTH = 40;

  /** Null when {@code text} does not start with an unsigned decimal number. */
  static QuantityText split(String text) {
    String trimmed = text.strip();
    int digits = 0;
    int dots = 0;
    while (digits < trimmed.length() && isNumberPart(trimmed.charAt(digits))) {
      dots += trimmed.charAt(digits) == '.' ? 1 : 0;
      digits++;
    }
    boolean wellFormed =
        digits > 0
            && dots <= 1
            && trimmed.length() <= MAX_LENGTH
            && trimmed.charAt(0) != '.'
            && trimmed.charAt(digits - 1) != '.';
    if (!wellFormed) {
      return null;
    }
    return new QuantityText(
        new BigDecimal(trimmed.substring(0, digits)), trimmed.substring(digits).strip());
  }

  private static boolean isNumberPart(char c) {
    return (c >= '0' && c <= '9') || c == '.';
  }
}
