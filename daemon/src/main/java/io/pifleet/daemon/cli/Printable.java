package io.pifleet.daemon.cli;

/** Text from outside made fit for a terminal, which obeys control characters. */
public final class Printable {
  private Printable() {}

  /** On one line: every control character becomes a question mark. */
  public static String line(String text) {
    return replaced(text, false);
  }

  /** As {@link #line}, but line ends stay. */
  public static String lines(String text) {
    return replaced(text, true);
  }

  private static String replaced(String text, boolean keepLineEnds) {
    StringBuilder clean = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) && !(keepLineEnds && c == '\n')) {
        if (clean == null) {
          clean = new StringBuilder(text);
        }
        clean.setCharAt(i, '?');
      }
    }
    return clean == null ? text : clean.toString();
  }
}
