package io.pifleet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pifleet.daemon.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nobody tells a device where the collector is. */
class DiscoveryIT {
  private static final String DBUS_CONFIG =
      """
      <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
        "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
      <busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen>
      <auth>EXTERNAL</auth><policy context="default"><allow user="*"/><allow own="*"/>
      <allow send_type="*"/><allow receive_type="*"/></policy></busconfig>
      """;

  // A /run of its own, so that neither daemon meets those of the machine. Looks again until both
  // have answered: -t ends with what has been heard by then.
  private static final String BROWSE =
      """
      mount -t tmpfs none /run && mkdir -p /run/dbus /run/avahi-daemon || exit 1
      dbus-daemon --config-file=%s --nofork --nopidfile &
      until [ -S /run/dbus/system_bus_socket ]; do sleep 0.05; done
      avahi-daemon --no-drop-root --no-chroot --no-rlimits >/dev/null 2>&1 &
      until avahi-daemon --check 2>/dev/null; do sleep 0.05; done
      for i in $(seq 20); do
        agents=$(avahi-browse -rpt _pifleet-agent._tcp)
        collectors=$(avahi-browse -rpt _pifleet-collect._tcp)
        case "$agents" in *=\\;*) case "$collectors" in *=\\;*) break ;; esac ;; esac
      done
      echo "$agents"
      echo "$collectors"
      """;

  @RegisterExtension private final Fleet fleet = new Fleet();

  @BeforeEach
  void needsNamespaces() {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root for namespaces");
    for (String program : List.of("ip", "unshare", "dbus-daemon", "avahi-daemon", "avahi-browse")) {
      assumeTrue(Program.exists(program), "needs the program " + program);
    }
  }

  @Test
  void theAgentFindsTheCollectorByItselfAndAgainWhenItHasMoved() throws Exception {
    Network network = new Network();
    fleet.closing(network::remove);
    network.host("pi", "10.77.0.21/24");
    network.host("attic", "10.77.0.22/24");
    network.host("debian", "10.77.0.23/24");
    Collector collector = new Collector(fleet.directory("collector"), 7433, network.on("attic"));
    fleet.closing(collector, collector.daemon());
    Agent agent = new Agent(fleet.directory("agent"), "pi-kitchen", network.on("pi"));
    fleet.closing(agent, agent.daemon());
    listenOn(collector, 7433);
    collector.start();
    agent.configure("period = 1 h", Inputs.probe(fleet.directory("probe"), "1 s", 1)).start();

    Await.until("the collector is found", () -> known(agent).number("port", 0) == 7433);
    assertEquals("attic", known(agent).text("id", ""));
    Await.until("a record", () -> agent.status().object("spool").number("records", 0) > 0);
    agent.uploadNow();
    Await.until(
        "it is pinned",
        () -> agent.status().object("collector").text("pinned", "").equals("attic"));
    assertSeenByAvahi(network);

    assertEquals(0, collector.daemon().stop());
    String name = agent.seal().get(0);
    assertEquals(List.of(name), agent.archives(), "it waits");
    listenOn(collector, 7500);
    collector.start();
    // Nobody hurries it: that the collector has appeared again is reason enough.
    Await.until("it is delivered", () -> collector.archives("pi-kitchen").contains(name));
    assertEquals(7500, known(agent).number("port", 0));
  }

  private static void listenOn(Collector collector, int port) throws Exception {
    collector.configure(
        "listen = \"[::]:" + port + "\"", "announce = true", "discovery.interfaces = auto");
  }

  private static JsonObject known(Agent agent) throws Exception {
    List<JsonObject> known = agent.status().object("collector").objects("known");
    return known.isEmpty() ? JsonObject.parse("{}") : known.get(0);
  }

  private void assertSeenByAvahi(Network network) throws Exception {
    Path dbus = Files.writeString(fleet.directory("debian").resolve("dbus.conf"), DBUS_CONFIG);
    List<String> command = new ArrayList<>(network.on("debian"));
    // The namespace of processes takes both daemons along when the script ends.
    command.addAll(
        List.of(
            "unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"));
    command.addAll(List.of("bash", "-c", BROWSE.formatted(dbus)));
    List<String> lines = Program.of(command.toArray(new String[0])).run().lines();
    String agent = resolved(lines, "_pifleet-agent._tcp");
    assertTrue(agent.startsWith("=;eth0;IPv4;pi-kitchen;"), agent);
    assertTrue(agent.contains(";10.77.0.21;"), agent);
    for (String key :
        List.of("\"id=pi-kitchen\"", "\"transport=plain\"", "\"waiting=", "\"version=")) {
      assertTrue(agent.contains(key), key + " in " + agent);
    }
    String collector = resolved(lines, "_pifleet-collect._tcp");
    assertTrue(collector.contains(";10.77.0.22;7433;"), collector);
    for (String key : List.of("\"id=attic\"", "\"transport=plain\"", "\"version=")) {
      assertTrue(collector.contains(key), key + " in " + collector);
    }
  }

  private static String resolved(List<String> lines, String type) {
    return lines.stream()
        .filter(line -> line.startsWith("=") && line.contains(type))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + type + " in " + lines));
  }
}
