package io.pifleet.agent.upload;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A collector to deliver to.
 *
 * @param label what people know it by: its address as configured, or its id as announced; the same
 *     from one look to the next
 * @param expectedId the id that its receipts have to carry, where that is known beforehand
 * @param addresses where to try, in this order; names may still have to be resolved
 */
public record Target(String label, Optional<String> expectedId, List<InetSocketAddress> addresses) {
  public Target {
    addresses = List.copyOf(addresses);
  }
}
