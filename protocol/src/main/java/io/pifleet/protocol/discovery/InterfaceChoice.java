package io.pifleet.protocol.discovery;

import java.util.ArrayList;
import java.util.List;

/**
 * Which network interfaces take part in discovery. Immutable.
 *
 * <p>{@link #auto()} takes one interface per subnet, since two JmDNS instances with one service
 * name on one network take each other for a conflict. Tunnels are left out unless they are named.
 */
public final class InterfaceChoice {
  /** Most interfaces that are used at once; each costs three threads and a socket. */
  static final int MAX_LINKS = 8;

  private static final int MAX_NAME_LENGTH = 15; // IFNAMSIZ - 1, linux/if.h

  private final List<String> names; // empty: automatic

  private InterfaceChoice(List<String> names) {
    this.names = List.copyOf(names);
  }

  /**
   * One interface per subnet, of those that are up, can do multicast and have an IPv4 address;
   * loopback only if there is nothing else.
   */
  public static InterfaceChoice auto() {
    return new InterfaceChoice(List.of());
  }

  /**
   * These interfaces and no others, loopback and tunnels included, whenever they are up.
   *
   * @throws IllegalArgumentException when there is no name, too many, or a name that Linux refuses
   */
  public static InterfaceChoice named(List<String> names) {
    if (names.isEmpty() || names.size() > MAX_LINKS) {
      throw new IllegalArgumentException(
          names.size() + " interfaces are named; wanted: 1 to " + MAX_LINKS);
    }
    for (String name : names) {
      if (name.isEmpty() || name.length() > MAX_NAME_LENGTH || !name.matches("[!-.0-~]+")) {
        throw new IllegalArgumentException(
            "interface is \""
                + TxtRecord.excerpt(name)
                + "\"; wanted: a name of 1 to "
                + MAX_NAME_LENGTH
                + " characters without blanks and slashes, e.g. eth0");
      }
    }
    return new InterfaceChoice(names);
  }

  /**
   * What to use now.
   *
   * @param links one JmDNS each
   * @param problems what is missing or left out, each a sentence for people
   */
  record Chosen(List<Link> links, List<String> problems) {}

  Chosen choose(List<Link> up) {
    return names.isEmpty() ? chooseAuto(up) : chooseNamed(up);
  }

  private Chosen chooseNamed(List<Link> up) {
    List<Link> links = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (String name : names) {
      Link named = null;
      for (Link link : up) {
        named = link.name().equals(name) ? link : named;
      }
      if (named == null) {
        problems.add(name + " does not exist, is down or has no IPv4 address");
      } else if (!links.contains(named)) {
        links.add(named);
      }
    }
    return new Chosen(links, problems);
  }

  private static Chosen chooseAuto(List<Link> up) {
    List<Link> links = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Link loopback = null;
    for (Link link : up) {
      if (link.loopback()) {
        loopback = loopback == null ? link : loopback;
      } else if (link.multicast() && !link.pointToPoint() && !sharesSubnet(link, links)) {
        if (links.size() == MAX_LINKS) {
          problems.add(link.name() + " is left out: at most " + MAX_LINKS + " interfaces are used");
        } else {
          links.add(link);
        }
      }
    }
    if (links.isEmpty() && loopback != null) {
      links.add(loopback); // Linux gives lo no multicast flag, and it works all the same
    }
    if (links.isEmpty()) {
      problems.add("no interface is up with multicast and an IPv4 address");
    }
    return new Chosen(links, problems);
  }

  private static boolean sharesSubnet(Link link, List<Link> chosen) {
    for (Link other : chosen) {
      if (other.contains(link.address()) || link.contains(other.address())) {
        return true;
      }
    }
    return false;
  }
}
