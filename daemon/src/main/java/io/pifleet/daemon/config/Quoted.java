package io.pifleet.daemon.config;

/** Text from outside as it may stand in a message: in quotes, on one line, of bounded length. */
final class Quoted {
  private static final int MAX_SHOWN = 80;

  private Quoted() {}

  static String of(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < Math.min(text.length(), MAX_SHOWN); i++) {
      char c = text.charAt(i);
      quoted.append(Character.isISOControl(c) ? '?' : c);
    }
    return quoted.append(text.length() > MAX_SHOWN ? "...\"" : "\"").toString();
  }
}
