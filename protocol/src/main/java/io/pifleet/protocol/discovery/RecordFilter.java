package io.pifleet.protocol.discovery;

import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.jmdns.impl.DNSCache;
import javax.jmdns.impl.DNSRecord;

/**
 * Decides which records of a link JmDNS may keep: those of the browsed service types and the
 * addresses of their hosts, within fixed numbers. JmDNS by itself keeps everything that anyone
 * says, without a limit.
 *
 * <p>Thread-safe: asked by JmDNS's socket thread, trimmed by the thread {@code discovery}.
 */
final class RecordFilter {
  /** Most instances of one type, and most hosts, that are remembered per link. */
  static final int MAX_INSTANCES = 256;

  private static final int MAX_NAMES =
      (ServiceType.values().length + 1) * MAX_INSTANCES + ServiceType.values().length;
  private static final int MAX_RECORDS_PER_HOST = 2 * Discovered.MAX_ADDRESSES;
  private static final int MAX_NAME_LENGTH = 255; // RFC 1035, section 2.3.4; JmDNS does not check

  private final Set<ServiceType> browsed;
  private final AtomicLong refused;
  private final Set<String> hosts = ConcurrentHashMap.newKeySet();

  /**
   * @param browsed what is wanted; may change at any time
   * @param refused counts wanted records that were over a limit or made no sense
   */
  RecordFilter(Set<ServiceType> browsed, AtomicLong refused) {
    this.browsed = browsed;
    this.refused = refused;
  }

  /** Whether {@code record}, which has just been put into {@code cache}, may stay there. */
  boolean admits(DNSRecord record, DNSCache cache) {
    boolean within =
        switch (record.getRecordType()) {
          case TYPE_PTR -> {
            if (!isBrowsedType(record.getKey())) {
              yield true; // decided below: not wanted, and not worth counting
            }
            yield isShort(alias(record))
                && cache.getDNSEntryList(record.getKey()).size() <= MAX_INSTANCES;
          }
          case TYPE_SRV ->
              !isBrowsedInstance(record) || (isShort(record.getKey()) && admitsHost(record));
          case TYPE_TXT ->
              !isBrowsedInstance(record)
                  || (isShort(record.getKey())
                      && record.getServiceInfo(false).getTextBytes().length <= TxtRecord.MAX_BYTES);
          case TYPE_A, TYPE_AAAA ->
              !isHost(record)
                  || cache.getDNSEntryList(record.getKey()).size() <= MAX_RECORDS_PER_HOST;
          default -> true;
        };
    if (!within || cache.size() > MAX_NAMES) {
      refused.incrementAndGet();
      return false;
    }
    return isWanted(record);
  }

  /** Forgets hosts that no service points to any more. */
  void retainHosts(Set<String> lowerCaseNames) {
    hosts.retainAll(lowerCaseNames);
  }

  void countRefused() {
    refused.incrementAndGet();
  }

  /** The instance that a PTR record names, or the host that an SRV record names. */
  static String alias(DNSRecord record) {
    return record.getServiceInfo(false).getServer();
  }

  static String lowerCase(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private boolean isWanted(DNSRecord record) {
    return switch (record.getRecordType()) {
      case TYPE_PTR -> isBrowsedType(record.getKey());
      case TYPE_SRV, TYPE_TXT -> isBrowsedInstance(record);
      case TYPE_A, TYPE_AAAA -> isHost(record);
      default -> false;
    };
  }

  private boolean admitsHost(DNSRecord service) {
    String host = lowerCase(alias(service));
    return isShort(host)
        && (hosts.contains(host) || (hosts.size() < MAX_INSTANCES && hosts.add(host)));
  }

  private boolean isHost(DNSRecord record) {
    return hosts.contains(lowerCase(record.getName()));
  }

  private boolean isBrowsedType(String key) {
    for (ServiceType type : browsed) {
      if (key.equals(type.domainName())) {
        return true;
      }
    }
    return false;
  }

  private boolean isBrowsedInstance(DNSRecord record) {
    for (ServiceType type : browsed) {
      if (record.getKey().endsWith("." + type.domainName())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isShort(String name) {
    return name.length() <= MAX_NAME_LENGTH;
  }
}
