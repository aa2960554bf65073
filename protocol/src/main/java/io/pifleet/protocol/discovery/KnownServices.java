package io.pifleet.protocol.discovery;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The services of one type that are known now, one per id, and what changed since the last look.
 *
 * <p>Updated by the thread {@code discovery}; read by any.
 */
final class KnownServices {
  /** Most services of one type that are known at a time. */
  static final int MAX_SERVICES = 256;

  private volatile Map<String, Discovered> known = Map.of();

  /**
   * What changed.
   *
   * @param found new or different
   * @param lost ids that are not heard any more
   */
  record Changes(List<Discovered> found, List<String> lost) {
    boolean isEmpty() {
      return found.isEmpty() && lost.isEmpty();
    }
  }

  /** All that are known. */
  List<Discovered> all() {
    return List.copyOf(known.values());
  }

  /** Takes what all links hear now in place of what was known. */
  Changes replace(List<Sighting> sightings) {
    Map<String, List<Sighting>> byId = new LinkedHashMap<>();
    for (Sighting sighting : sightings) {
      List<Sighting> same = byId.get(sighting.id());
      if (same == null && byId.size() < MAX_SERVICES) {
        same = new ArrayList<>(2);
        byId.put(sighting.id(), same);
      }
      if (same != null) {
        same.add(sighting);
      }
    }
    Map<String, Discovered> before = known;
    Map<String, Discovered> now = new LinkedHashMap<>();
    List<Discovered> found = new ArrayList<>();
    for (Map.Entry<String, List<Sighting>> entry : byId.entrySet()) {
      Discovered merged = merge(entry.getValue());
      now.put(entry.getKey(), merged);
      if (!merged.equals(before.get(entry.getKey()))) {
        found.add(merged);
      }
    }
    List<String> lost = new ArrayList<>();
    for (String id : before.keySet()) {
      if (!now.containsKey(id)) {
        lost.add(id);
      }
    }
    Changes changes = new Changes(found, lost);
    if (!changes.isEmpty()) {
      known = Map.copyOf(now);
    }
    return changes;
  }

  /**
   * One service out of several sightings. Port and text are those heard last: a service that moved
   * without a goodbye leaves an old record behind for a while. Everything else is in a fixed order,
   * so that hearing the same again is no change.
   */
  private static Discovered merge(List<Sighting> sightings) {
    Sighting last = sightings.get(0);
    for (Sighting sighting : sightings) {
      last = sighting.heardMillis() > last.heardMillis() ? sighting : last;
    }
    List<Sighting> same = new ArrayList<>(sightings);
    int port = last.port();
    same.removeIf(sighting -> sighting.port() != port);
    same.sort(
        Comparator.comparingInt((Sighting sighting) -> sighting.link().index())
            .thenComparing(sighting -> sighting.addresses().get(0).getHostAddress()));
    List<InetAddress> addresses = new ArrayList<>();
    addAddresses(same, true, addresses);
    addAddresses(same, false, addresses);
    return new Discovered(
        last.type(), last.id(), addresses, port, last.text(), same.get(0).link().name());
  }

  private static void addAddresses(List<Sighting> from, boolean v4, List<InetAddress> into) {
    for (Sighting sighting : from) {
      List<InetAddress> sorted = new ArrayList<>(sighting.addresses());
      sorted.removeIf(address -> (address instanceof Inet4Address) != v4);
      sorted.sort(Comparator.comparing(InetAddress::getHostAddress));
      for (InetAddress address : sorted) {
        if (into.size() < Discovered.MAX_ADDRESSES && !into.contains(address)) {
          into.add(address);
        }
      }
    }
  }
}
