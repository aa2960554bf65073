package io.pifleet.deploy;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Hosts on one network that exists only for a test: network namespaces on a bridge in a namespace
 * of its own, so that nothing of the machine's own network is touched. Needs root and iproute2.
 */
final class Network {
  private final String prefix = "fleet" + ProcessHandle.current().pid() + "-";
  private final Deque<String> namespaces = new ArrayDeque<>();

  Network() throws IOException, InterruptedException {
    add("net");
    ip("net", "link add br0 type bridge mcast_snooping 0");
    ip("net", "link set br0 up");
  }

  /** Plugs a host in, under an address such as 10.77.0.21/24, as its {@code eth0}. */
  void host(String name, String address) throws IOException, InterruptedException {
    add(name);
    ip(name, "link add eth0 type veth peer name to-" + name + " netns " + prefix + "net");
    ip("net", "link set to-" + name + " master br0 up");
    ip(name, "addr add " + address + " dev eth0");
    ip(name, "link set eth0 up");
  }

  /** Stands in front of a command that is to run on a host. */
  List<String> on(String host) {
    return List.of("ip", "netns", "exec", prefix + host);
  }

  private void add(String name) throws IOException, InterruptedException {
    Program.of("ip", "netns", "add", prefix + name).run().fine();
    namespaces.push(prefix + name);
    ip(name, "link set lo up");
  }

  private void ip(String host, String arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip", "-n", prefix + host));
    command.addAll(Arrays.asList(arguments.split(" ", -1)));
    Program.of(command.toArray(new String[0])).run().fine();
  }

  /** Must come after the last process on it has ended. */
  void remove() throws IOException, InterruptedException {
    while (!namespaces.isEmpty()) {
      Program.of("ip", "netns", "del", namespaces.pop()).run().fine();
    }
  }
}
