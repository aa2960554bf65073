package io.pifleet.protocol.discovery;

/** The two kinds of service of a fleet, by their DNS-SD names (RFC 6763, section 7). */
public enum ServiceType {
  /** A device with an agent. */
  AGENT("_pifleet-agent._tcp"),
  /** A collector that takes archives. */
  COLLECTOR("_pifleet-collect._tcp");

  private final String dnsName;
  private final String domainName;

  ServiceType(String dnsName) {
    this.dnsName = dnsName;
    this.domainName = dnsName + ".local.";
  }

  /** The service and protocol labels, as {@code avahi-browse} takes them. */
  public String dnsName() {
    return dnsName;
  }

  /** The fully qualified name whose PTR records list the instances, in lower case. */
  String domainName() {
    return domainName;
  }
}
