package io.pifleet.protocol.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network of hosts that exists only for a test: network namespaces on bridges in a namespace of
 * their own, so that nothing of the machine's own network is touched. Needs root and iproute2.
 */
final class Lan {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String prefix =
      "discovery-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + "-";
  private final Deque<String> namespaces = new ArrayDeque<>();
  private final List<Peer> peers = new ArrayList<>();
  private int links;

  /** Why it cannot be made here; empty when it can. */
  static String missing(String... programs) {
    if (!"root".equals(System.getProperty("user.name"))) {
      return "needs root to make network namespaces";
    }
    for (String program : programs) {
      if (!Files.isExecutable(Path.of("/usr/bin", program))
          && !Files.isExecutable(Path.of("/usr/sbin", program))) {
        return "needs the program " + program;
      }
    }
    return "";
  }

  /** Adds a bridge; hosts are plugged into it by its name. */
  void bridge(String name) throws IOException, InterruptedException {
    if (namespaces.isEmpty()) {
      addNamespace("net");
    }
    run("ip -n " + namespace("net") + " link add " + name + " type bridge mcast_snooping 0");
    run("ip -n " + namespace("net") + " link set " + name + " up");
  }

  /** Adds a host with nothing but loopback. */
  void host(String name) throws IOException, InterruptedException {
    addNamespace(name);
  }

  /** Plugs a host into a bridge, under an address such as 10.77.0.21/24. */
  void plug(String host, String interfaceName, String bridge, String address)
      throws IOException, InterruptedException {
    String port = "p" + links++;
    run(
        ("ip -n %s link add %s type veth peer name %s netns " + namespace("net"))
            .formatted(namespace(host), interfaceName, port));
    run("ip -n " + namespace("net") + " link set " + port + " master " + bridge + " up");
    ip(host, "addr add " + address + " dev " + interfaceName);
    ip(host, "link set " + interfaceName + " up");
  }

  /** Runs {@code ip} on a host. */
  void ip(String host, String arguments) throws IOException, InterruptedException {
    run("ip -n " + namespace(host) + " " + arguments);
  }

  /** Starts a {@link DiscoveryPeer} on a host, whose records live for some seconds. */
  Peer peer(String host, int ttlSeconds, String... arguments) throws IOException {
    List<String> command = virtualMachine("-Dnet.dns.ttl=" + ttlSeconds, DiscoveryPeer.class);
    command.addAll(Arrays.asList(arguments));
    return program(host, command.toArray(new String[0]));
  }

  /** Starts a class of the tests on a host. */
  Peer java(String host, Class<?> main) throws IOException {
    return program(host, virtualMachine("-Xss512k", main).toArray(new String[0]));
  }

  private static List<String> virtualMachine(String option, Class<?> main) {
    String surefire = System.getProperty("surefire.test.class.path");
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx16m",
            option,
            "-cp",
            surefire != null ? surefire : System.getProperty("java.class.path"),
            main.getName()));
  }

  /** Starts any program on a host. */
  Peer program(String host, String... command) throws IOException {
    List<String> inside = new ArrayList<>(List.of("ip", "netns", "exec", namespace(host)));
    inside.addAll(Arrays.asList(command));
    Peer peer = new Peer(new ProcessBuilder(inside).redirectErrorStream(true).start());
    peers.add(peer);
    return peer;
  }

  String namespace(String host) {
    return prefix + host;
  }

  void close() throws IOException, InterruptedException {
    for (Peer peer : peers) {
      peer.close();
    }
    while (!namespaces.isEmpty()) {
      run("ip netns del " + namespaces.pop());
    }
  }

  private void addNamespace(String name) throws IOException, InterruptedException {
    run("ip netns add " + namespace(name));
    namespaces.push(namespace(name));
    ip(name, "link set lo up");
  }

  private static void run(String command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command.split(" ", -1)).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output;
    try (InputStream in = process.getInputStream()) {
      output = new String(in.readAllBytes(), UTF_8);
    }
    if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(command + ": " + output);
    }
  }
}
