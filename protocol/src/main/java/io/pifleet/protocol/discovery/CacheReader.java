package io.pifleet.protocol.discovery;

import io.pifleet.protocol.DeviceId;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.jmdns.impl.DNSCache;
import javax.jmdns.impl.DNSEntry;
import javax.jmdns.impl.DNSRecord;
import javax.jmdns.impl.constants.DNSRecordClass;
import javax.jmdns.impl.constants.DNSRecordType;

/**
 * Reads the services of one type out of the cache of one link. The cache is the truth and is read
 * whole each time, so no event can be missed.
 *
 * <p>One use each; owned by the thread {@code discovery}.
 */
final class CacheReader {
  // What avahi gives PTR records (75 minutes); someone's longer one would outlive all sense.
  private static final int MAX_TTL_SECONDS = 4_500;

  private final DNSCache cache;
  private final ServiceType type;
  private final Link link;
  private final List<Link> links;
  private final long nowMillis;

  private final List<Sighting> sightings = new ArrayList<>();
  private final List<String> incomplete = new ArrayList<>();
  private final Set<String> hosts = new HashSet<>();
  private int ignored;

  /**
   * @param links all links in use: a socket on Linux may also hear what arrives at the others
   * @param nowMillis the wall clock, by which JmDNS keeps its records
   */
  CacheReader(DNSCache cache, ServiceType type, Link link, List<Link> links, long nowMillis) {
    this.cache = cache;
    this.type = type;
    this.link = link;
    this.links = links;
    this.nowMillis = nowMillis;
  }

  CacheReader read() {
    for (DNSEntry entry : cache.getDNSEntryList(type.domainName())) {
      if (entry instanceof DNSRecord.Pointer pointer && isFresh(pointer)) {
        try {
          readInstance(RecordFilter.alias(pointer));
        } catch (RuntimeException malformed) {
          ignored++; // JmDNS parsed it, and stumbles over its own records: an address that is none
        }
      }
    }
    return this;
  }

  List<Sighting> sightings() {
    return sightings;
  }

  /**
   * Names of instances, without the type, of which something is missing that could be asked for.
   */
  List<String> incomplete() {
    return incomplete;
  }

  /** Hosts of the services, in lower case. */
  Set<String> hosts() {
    return hosts;
  }

  /** How many instances have no valid id. */
  int ignored() {
    return ignored;
  }

  private void readInstance(String instance) {
    DNSRecord service = fresh(instance, DNSRecordType.TYPE_SRV);
    DNSRecord text = fresh(instance, DNSRecordType.TYPE_TXT);
    List<InetAddress> addresses = new ArrayList<>();
    boolean elsewhere = false;
    if (service instanceof DNSRecord.Service srv) {
      String host = RecordFilter.lowerCase(RecordFilter.alias(srv));
      hosts.add(host);
      elsewhere = readAddresses(host, addresses);
    }
    if (!(service instanceof DNSRecord.Service srv) || text == null || addresses.isEmpty()) {
      int nameEnd = instance.length() - type.domainName().length() - 1;
      if (nameEnd > 0) {
        incomplete.add(instance.substring(0, nameEnd));
      }
      return;
    }
    Map<String, String> strings = TxtRecord.decode(text.getServiceInfo(false).getTextBytes());
    String id = strings.remove(TxtRecord.ID);
    String v6 = strings.remove(TxtRecord.V6);
    if (!DeviceId.isValid(id) || srv.getPort() < 1 || srv.getPort() > 0xffff) {
      ignored++;
      return;
    }
    if (elsewhere) {
      return;
    }
    for (Inet6Address address : v6 == null ? List.<Inet6Address>of() : TxtRecord.parseV6(v6)) {
      add(address, addresses);
    }
    sightings.add(
        new Sighting(type, id, link, srv.getCreated(), srv.getPort(), addresses, strings));
  }

  /**
   * Adds the host's addresses; true when they are on the subnet of another link and not of this.
   */
  private boolean readAddresses(String host, List<InetAddress> addresses) {
    boolean here = false;
    boolean elsewhere = false;
    for (DNSEntry entry : cache.getDNSEntryList(host)) {
      if (entry instanceof DNSRecord.Address record && isFresh(record)) {
        for (InetAddress address : record.getServiceInfo(false).getInetAddresses()) {
          add(address, addresses);
          if (address instanceof Inet4Address v4) {
            here |= link.contains(v4);
            for (Link other : links) {
              elsewhere |= other.contains(v4);
            }
          }
        }
      }
    }
    return elsewhere && !here;
  }

  private void add(InetAddress heard, List<InetAddress> addresses) {
    // JmDNS gives null for an address record of an odd length.
    InetAddress address = heard == null ? null : link.reachable(heard);
    if (address != null
        && addresses.size() < Discovered.MAX_ADDRESSES
        && !addresses.contains(address)) {
      addresses.add(address);
    }
  }

  private DNSRecord fresh(String name, DNSRecordType recordType) {
    DNSEntry entry = cache.getDNSEntry(name, recordType, DNSRecordClass.CLASS_IN);
    return entry instanceof DNSRecord record && isFresh(record) ? record : null;
  }

  private boolean isFresh(DNSRecord record) {
    if (record.getTTL() < 0 || record.getTTL() > MAX_TTL_SECONDS) {
      record.setTTL(MAX_TTL_SECONDS);
    }
    return !record.isExpired(nowMillis);
  }
}
