package io.pifleet.protocol.discovery;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/**
 * One instance of a service as one interface hears it now. Several of them with one id make a
 * {@link Discovered}.
 *
 * @param id valid in the syntax of {@link io.pifleet.protocol.DeviceId}
 * @param link the interface that hears it
 * @param heardMillis when its SRV record was last heard, on the wall clock (JmDNS knows no other)
 * @param addresses at least one
 */
record Sighting(
    ServiceType type,
    String id,
    Link link,
    long heardMillis,
    int port,
    List<InetAddress> addresses,
    Map<String, String> text) {}
