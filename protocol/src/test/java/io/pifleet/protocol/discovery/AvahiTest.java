package io.pifleet.protocol.discovery;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Against avahi, the multicast DNS of Debian, on another machine of the network. */
@Execution(ExecutionMode.CONCURRENT)
class AvahiTest {
  private static final String DBUS_CONFIG =
      """
      <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
        "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
      <busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen>
      <auth>EXTERNAL</auth><policy context="default"><allow user="*"/><allow own="*"/>
      <allow send_type="*"/><allow receive_type="*"/></policy></busconfig>
      """;

  // A /run of its own, so that neither daemon meets those of the machine.
  private static final String DAEMONS =
      """
      mount -t tmpfs none /run && mkdir -p /run/dbus /run/avahi-daemon || exit 1
      dbus-daemon --config-file=%s --nofork --nopidfile & D=$!
      for i in $(seq 100); do [ -S /run/dbus/system_bus_socket ] && break; sleep 0.05; done
      avahi-daemon --no-drop-root --no-chroot --no-rlimits 2>&1 & A=$!
      trap 'kill $A $D' TERM
      wait $A
      """;

  @TempDir private Path temp;
  private Lan lan;
  private Peer avahi;

  @BeforeEach
  void connectAPiAndAMachineWithAvahi() throws Exception {
    String missing =
        Lan.missing(
            "ip",
            "unshare",
            "nsenter",
            "dbus-daemon",
            "avahi-daemon",
            "avahi-browse",
            "avahi-publish");
    assumeTrue(missing.isEmpty(), missing);
    lan = new Lan();
    lan.bridge("br0");
    lan.host("pi");
    lan.plug("pi", "eth0", "br0", "10.77.0.21/24");
    lan.host("debian");
    lan.plug("debian", "eth0", "br0", "10.77.0.22/24");
    Path dbusConfig = Files.writeString(temp.resolve("dbus.conf"), DBUS_CONFIG);
    avahi =
        lan.program(
            "debian",
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "bash",
            "-c",
            DAEMONS.formatted(dbusConfig));
    avahi.await("Server startup complete");
  }

  @AfterEach
  void removeEverything() throws Exception {
    if (lan != null) {
      lan.close();
    }
  }

  @Test
  void avahiBrowseSeesAgentAndCollector() throws Exception {
    lan.peer(
        "pi", 120, "pi", "auto", "announce:agent:pi-1:7000", "announce:collector:store-1:7433");

    Peer agents = beside("avahi-browse", "--resolve", "--parsable", "_pifleet-agent._tcp");
    Peer collectors = beside("avahi-browse", "--resolve", "--parsable", "_pifleet-collect._tcp");

    String agent = agents.await("^=;eth0;IPv4;pi-1;_pifleet-agent._tcp;local;.*");
    assertTrue(agent.contains(".local;10.77.0.21;7000;"), agent);
    assertTrue(agent.contains("\"id=pi-1\""), agent);
    assertTrue(agent.contains("\"transport=plain\""), agent);
    String collector = collectors.await("^=;eth0;IPv4;store-1;_pifleet-collect._tcp;local;.*");
    assertTrue(collector.contains(".local;10.77.0.21;7433;"), collector);
  }

  @Test
  void hearsWhatAvahiPublishes() throws Exception {
    lan.ip("debian", "addr add fd00:77::22/64 dev eth0 nodad");
    Peer pi = lan.peer("pi", 120, "pi", "auto", "browse:collector");
    pi.await("STATUS .eth0");

    Peer nameless = publish("Nobody", "9000", "version=9");
    Peer published = publish("Cellar. (Rack 2)", "9443", "id=store-7", "Version=9", "tls");

    // Its addresses come in records of their own, in any order.
    String found = pi.await("FOUND COLLECTOR store-7 10\\.77\\.0\\.22");
    assertTrue(found.endsWith("port 9443 on eth0 {version=9}"), found);
    published.close();
    pi.await("LOST COLLECTOR store-7");
    nameless.close();
  }

  private Peer publish(String name, String port, String... text) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("avahi-publish", "-s", name, "_pifleet-collect._tcp", port));
    command.addAll(List.of(text));
    return beside(command.toArray(new String[0]));
  }

  /** Runs a program where avahi-daemon runs. */
  private Peer beside(String... command) throws Exception {
    List<String> inside =
        new ArrayList<>(List.of("nsenter", "--mount", "--target", Long.toString(avahi.pid())));
    inside.addAll(List.of(command));
    return lan.program("debian", inside.toArray(new String[0]));
  }
}
