package io.pifleet.agent.plugin;

/** Foreign text made fit for a message: in quotes, without control characters, and short. */
public final class Quotation {

  /** What is left of it at most, in characters. */
  public static final int MAX_CHARS = 160;

  private Quotation() {}

  /** The text in quotes. */
  public static String of(String text) {
    return '"' + bounded(text) + '"';
  }

  /** Bytes, of which the ASCII ones are shown. */
  public static String of(byte[] bytes, int offset, int length) {
    int shown = Math.min(length, MAX_CHARS + 1);
    StringBuilder out = new StringBuilder(shown);
    for (int i = offset; i < offset + shown; i++) {
      out.append((char) (bytes[i] < 0 ? '?' : bytes[i]));
    }
    return of(out.toString());
  }

  /** The text without quotes, for messages that are a sentence already. */
  public static String bounded(String text) {
    int shown = Math.min(text.length(), MAX_CHARS);
    StringBuilder out = new StringBuilder(shown + 1);
    for (int i = 0; i < shown; i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        out.append("\\n");
      } else if (c == '\t') {
        out.append("\\t");
      } else {
        out.append(Character.isISOControl(c) ? '?' : c);
      }
    }
    return shown < text.length() ? out.append('…').toString() : out.toString();
  }
}
