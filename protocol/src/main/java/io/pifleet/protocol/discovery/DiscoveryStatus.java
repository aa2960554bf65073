package io.pifleet.protocol.discovery;

import java.util.List;

/**
 * How discovery is doing, for people.
 *
 * @param interfaces what is used, each as {@code eth0 10.77.0.21}
 * @param ignored instances heard now that have no valid id
 * @param refused records not kept since the start, because a limit was reached or they made no
 *     sense
 * @param problem what is in the way, empty when nothing is
 */
public record DiscoveryStatus(List<String> interfaces, int ignored, long refused, String problem) {
  public DiscoveryStatus {
    interfaces = List.copyOf(interfaces);
  }
}
