package io.pifleet.protocol.discovery;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/**
 * A service that was heard. Anyone on the network can say anything: a hint where to connect, never
 * a proof of who is there.
 *
 * @param type agent or collector
 * @param id what its TXT record says it is, in the syntax of {@link io.pifleet.protocol.DeviceId}
 * @param addresses where it may be reached, 1 to {@value #MAX_ADDRESSES}, IPv4 first; link-local
 *     IPv6 addresses carry the scope of the interface that they were heard on
 * @param port TCP port, 1 to 65,535
 * @param text its other TXT keys (lower case) and values (printable ASCII), without id and v6
 * @param interfaceName the interface that heard it; the first one if several did
 */
public record Discovered(
    ServiceType type,
    String id,
    List<InetAddress> addresses,
    int port,
    Map<String, String> text,
    String interfaceName) {
  /** Most addresses that are kept of one service. */
  public static final int MAX_ADDRESSES = 8;

  public Discovered {
    addresses = List.copyOf(addresses);
    text = Map.copyOf(text);
  }
}
