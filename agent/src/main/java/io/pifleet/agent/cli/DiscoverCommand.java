package io.pifleet.agent.cli;

import io.pifleet.agent.AgentDaemon;
import io.pifleet.agent.config.AgentConfig;
import io.pifleet.daemon.cli.Table;
import io.pifleet.daemon.json.JsonOut;
import io.pifleet.protocol.discovery.Discovered;
import io.pifleet.protocol.discovery.DiscoveryListener;
import io.pifleet.protocol.discovery.MulticastDns;
import io.pifleet.protocol.discovery.ServiceType;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code discover}. */
@Command(
    name = "discover",
    description = {
      "Listen on the network, and list the collectors and agents that are heard.",
      "Ends with 1 when no collector is heard."
    },
    mixinStandardHelpOptions = true)
final class DiscoverCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print one line of JSON for each.")
  private boolean json;

  @Option(
      names = "--seconds",
      defaultValue = "6",
      description = "How long to listen, 1 to 300 (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Override
  public Integer call() throws Exception {
    if (seconds < 1 || seconds > 300) {
      throw new ParameterException(
          spec.commandLine(), "--seconds is " + seconds + "; wanted: 1 to 300");
    }
    AgentConfig agent = config.load().agent();
    List<Discovered> heard = new ArrayList<>();
    try (MulticastDns dns = new MulticastDns(AgentDaemon.interfaces(agent), "discover")) {
      DiscoveryListener nobody = new Nobody();
      dns.browse(ServiceType.COLLECTOR, nobody);
      dns.browse(ServiceType.AGENT, nobody);
      dns.start();
      Thread.sleep(seconds * 1000L);
      heard.addAll(dns.known(ServiceType.COLLECTOR));
      heard.addAll(dns.known(ServiceType.AGENT));
      if (!dns.status().problem().isEmpty()) {
        System.err.println(AgentCommand.NAME + ": " + dns.status().problem());
      }
    }
    print(heard);
    return heard.stream().anyMatch(one -> one.type() == ServiceType.COLLECTOR) ? 0 : 1;
  }

  private void print(List<Discovered> heard) throws IOException {
    Table table =
        new Table()
            .column("WHAT")
            .column("ID")
            .column("ADDRESSES")
            .figures("PORT")
            .column("VERSION")
            .column("TRANSPORT");
    for (Discovered one : heard) {
      if (json) {
        print(one);
      } else {
        table.row(
            what(one),
            one.id(),
            String.join(", ", one.addresses().stream().map(InetAddress::getHostAddress).toList()),
            Integer.toString(one.port()),
            one.text().getOrDefault("version", "?"),
            one.text().getOrDefault("transport", "?"));
      }
    }
    if (!json && heard.isEmpty()) {
      System.out.println("nothing was heard within " + seconds + " s");
    } else if (!json) {
      table.print(System.out);
    }
  }

  private static void print(Discovered one) throws IOException {
    JsonOut out = new JsonOut(System.out); // ends its line itself; stdout stays open
    out.object().text("what", what(one)).text("id", one.id()).array("addresses");
    for (InetAddress address : one.addresses()) {
      out.item(address.getHostAddress());
    }
    out.end()
        .number("port", one.port())
        .text("version", one.text().get("version"))
        .text("transport", one.text().get("transport"))
        .end();
  }

  private static String what(Discovered one) {
    return one.type().name().toLowerCase(Locale.ROOT);
  }

  private static final class Nobody implements DiscoveryListener {
    @Override
    public void found(Discovered service) {
      // what is known is read when the time is up
    }

    @Override
    public void lost(ServiceType type, String id) {
      // likewise
    }
  }
}
