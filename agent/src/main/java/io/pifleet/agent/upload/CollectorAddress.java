package io.pifleet.agent.upload;

import java.util.Optional;

/**
 * Host and port as written in a configuration: {@code attic:7433}, {@code 192.0.2.7:7433}, {@code
 * [2001:db8::7]:7433}; the port may be left out.
 *
 * @param host name or literal address, without brackets
 */
public record CollectorAddress(String host, int port) {
  public static final int DEFAULT_PORT = 7433;

  private static final int MAX_HOST = 253; // RFC 1035, section 2.3.4, in text

  /** What {@code text} spells, or empty when it is none of the forms above. */
  public static Optional<CollectorAddress> parse(String text) {
    int bracket = text.startsWith("[") ? text.indexOf(']') : -1;
    int colon = text.indexOf(':', Math.max(bracket, 0));
    int hostEnd = bracket > 0 ? bracket + 1 : colon < 0 ? text.length() : colon;
    String host = bracket > 0 ? text.substring(1, bracket) : text.substring(0, hostEnd);
    boolean literalV6 = host.indexOf(':') >= 0;
    boolean wellFormed =
        !host.isEmpty()
            && host.length() <= MAX_HOST
            && host.chars().noneMatch(c -> c <= ' ' || c == '[' || c == ']')
            && literalV6 == bracket > 0;
    return wellFormed
        ? port(text.substring(hostEnd)).map(port -> new CollectorAddress(host, port))
        : Optional.empty();
  }

  private static Optional<Integer> port(String text) {
    if (text.isEmpty()) {
      return Optional.of(DEFAULT_PORT);
    }
    if (text.length() < 2 || text.length() > 6 || text.charAt(0) != ':') {
      return Optional.empty();
    }
    int port = 0;
    for (int i = 1; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return Optional.empty();
      }
      port = 10 * port + digit;
    }
    return port >= 1 && port <= 65535 ? Optional.of(port) : Optional.empty();
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
