package io.pifleet.collector.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * Where to listen.
 *
 * @param host address or name; {@code ::} takes IPv4 as well
 * @param port 0: any that is free
 */
public record ListenAddress(String host, int port) {
  /** Unless one is written. */
  public static final int DEFAULT_PORT = 7433;

  /**
   * Reads {@code host:port}, {@code [v6]:port}, or either without a port; empty when it is none.
   */
  static Optional<ListenAddress> parse(String text) {
    int end = text.startsWith("[") ? text.indexOf(']') : -1;
    int colon = end >= 0 ? end + 1 : text.lastIndexOf(':');
    String host = end >= 0 ? text.substring(1, end) : text.substring(0, Math.max(colon, 0));
    String port = "";
    if (colon < 0) {
      host = text;
    } else if (colon < text.length()) {
      if (text.charAt(colon) != ':' || (end < 0 && host.indexOf(':') >= 0)) {
        return Optional.empty();
      }
      port = text.substring(colon + 1);
    }
    if (host.isEmpty() || !host.matches("[0-9A-Za-z.:%_-]+")) {
      return Optional.empty();
    }
    if (colon < 0 || colon == text.length()) {
      return Optional.of(new ListenAddress(host, DEFAULT_PORT));
    }
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 0xffff) {
      return Optional.empty();
    }
    return Optional.of(new ListenAddress(host, Integer.parseInt(port)));
  }

  /** Asks the resolver when it is a name. */
  public InetSocketAddress resolve() throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(host), port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
