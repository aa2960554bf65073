package io.pifleet.protocol.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A process with a {@link MulticastDns}, for tests that need several machines. Prints a line per
 * event and per change of state; says goodbye and ends at the end of its input.
 *
 * <p>Arguments: a name, interfaces (comma separated, or auto), then {@code announce:TYPE:ID:PORT}
 * and {@code browse:TYPE}.
 */
final class DiscoveryPeer implements DiscoveryListener {
  private static final PrintStream OUT = new PrintStream(System.out, true, UTF_8);

  private DiscoveryPeer() {}

  public static void main(String[] args) throws Exception {
    InterfaceChoice interfaces =
        args[1].equals("auto")
            ? InterfaceChoice.auto()
            : InterfaceChoice.named(List.of(args[1].split(",", 8)));
    MulticastDns dns = new MulticastDns(interfaces, args[0]);
    for (int i = 2; i < args.length; i++) {
      String[] words = args[i].split(":", 4);
      ServiceType type = ServiceType.valueOf(words[1].toUpperCase(Locale.ROOT));
      if (words[0].equals("browse")) {
        dns.browse(type, new DiscoveryPeer());
      } else {
        Map<String, String> text = Map.of("version", "0.1.0", "transport", "plain");
        dns.announce(new Announcement(type, words[2], Integer.parseInt(words[3]), text));
      }
    }
    dns.start();
    Thread reporter = new Thread(() -> report(dns));
    reporter.setDaemon(true);
    reporter.start();
    System.in.transferTo(OutputStream.nullOutputStream()); // until the input ends
    long start = System.nanoTime();
    dns.close();
    OUT.println("CLOSED " + (System.nanoTime() - start) / 1_000_000 + " ms");
    System.exit(0);
  }

  private static void report(MulticastDns dns) {
    String before = "";
    while (true) {
      DiscoveryStatus status = dns.status();
      String now =
          "STATUS "
              + status.interfaces()
              + " ignored="
              + status.ignored()
              + " problem="
              + status.problem();
      if (!now.equals(before)) {
        before = now;
        OUT.println(now);
      }
      LockSupport.parkNanos(100_000_000);
    }
  }

  @Override
  public void found(Discovered service) {
    StringBuilder line = new StringBuilder("FOUND " + service.type() + " " + service.id());
    String separator = " ";
    for (InetAddress address : service.addresses()) {
      line.append(separator).append(address.getHostAddress());
      separator = ",";
    }
    line.append(" port ").append(service.port()).append(" on ").append(service.interfaceName());
    OUT.println(line.append(" ").append(new TreeMap<>(service.text())));
  }

  @Override
  public void lost(ServiceType type, String id) {
    OUT.println("LOST " + type + " " + id);
  }
}
