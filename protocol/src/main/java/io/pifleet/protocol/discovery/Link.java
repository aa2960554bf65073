package io.pifleet.protocol.discovery;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * A network interface that is up, as it is right now, with the one IPv4 address that discovery uses
 * on it.
 *
 * @param name e.g. {@code eth0}
 * @param index number of the interface, the scope of link-local IPv6 addresses
 * @param address its first IPv4 address; one that was given rather than self-assigned, if it has
 *     one
 * @param prefixLength of the address's subnet, 0 to 32
 * @param v6 its global and unique local IPv6 addresses, without scope, in the kernel's order
 * @param loopback whether it leads nowhere
 * @param multicast whether the interface says that it can do multicast
 * @param pointToPoint whether it is a tunnel
 */
record Link(
    String name,
    int index,
    Inet4Address address,
    int prefixLength,
    List<Inet6Address> v6,
    boolean loopback,
    boolean multicast,
    boolean pointToPoint) {
  Link {
    v6 = List.copyOf(v6);
  }

  /** All interfaces that are up and have an IPv4 address, by index. */
  static List<Link> allUp() throws SocketException {
    List<Link> links = new ArrayList<>();
    for (NetworkInterface nic : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      try {
        Link link = nic.isUp() ? read(nic) : null;
        if (link != null) {
          links.add(link);
        }
      } catch (SocketException gone) {
        // It went away between the listing and the look at it.
      }
    }
    links.sort(Comparator.comparingInt(Link::index));
    return links;
  }

  private static Link read(NetworkInterface nic) throws SocketException {
    Inet4Address address = null;
    int prefixLength = 0;
    List<Inet6Address> v6 = new ArrayList<>();
    for (InterfaceAddress each : nic.getInterfaceAddresses()) {
      InetAddress candidate = each.getAddress();
      if (candidate instanceof Inet4Address v4) {
        if (address == null || (address.isLinkLocalAddress() && !v4.isLinkLocalAddress())) {
          address = v4;
          prefixLength = each.getNetworkPrefixLength();
        }
      } else if (candidate instanceof Inet6Address six
          && v6.size() < TxtRecord.MAX_V6_ADDRESSES
          && !six.isLinkLocalAddress()
          && !six.isLoopbackAddress()) {
        v6.add(withScope(six, -1));
      }
    }
    if (address == null) {
      return null;
    }
    return new Link(
        nic.getName(),
        nic.getIndex(),
        address,
        prefixLength,
        v6,
        nic.isLoopback(),
        nic.supportsMulticast(),
        nic.isPointToPoint());
  }

  /** Whether {@code other} is on this interface's subnet. */
  boolean contains(Inet4Address other) {
    int mask = prefixLength == 0 ? 0 : -1 << (32 - prefixLength);
    return (bits(address) & mask) == (bits(other) & mask);
  }

  /** Whether JmDNS, which is bound to an interface and an address, can stay as it is. */
  boolean sameBinding(Link other) {
    return name.equals(other.name)
        && index == other.index
        && address.equals(other.address)
        && prefixLength == other.prefixLength;
  }

  /**
   * The address as it can be reached from here: link-local IPv6 with this interface as its scope.
   * Null for what cannot be the address of a host on this link.
   */
  InetAddress reachable(InetAddress heard) {
    if (heard.isAnyLocalAddress()
        || heard.isMulticastAddress()
        || (heard.isLoopbackAddress() && !loopback)) {
      return null;
    }
    return heard instanceof Inet6Address six
        ? withScope(six, six.isLinkLocalAddress() ? index : -1)
        : heard;
  }

  @Override
  public String toString() {
    return name + " " + address.getHostAddress();
  }

  private static int bits(Inet4Address address) {
    byte[] b = address.getAddress();
    return (b[0] & 0xff) << 24 | (b[1] & 0xff) << 16 | (b[2] & 0xff) << 8 | (b[3] & 0xff);
  }

  private static Inet6Address withScope(Inet6Address address, int scope) {
    try {
      return Inet6Address.getByAddress(null, address.getAddress(), scope);
    } catch (UnknownHostException e) {
      throw new AssertionError("an address of 16 bytes was refused", e);
    }
  }
}
