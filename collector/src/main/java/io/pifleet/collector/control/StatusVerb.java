package io.pifleet.collector.control;

import io.pifleet.collector.catalog.Catalog;
import io.pifleet.collector.catalog.EventRow;
import io.pifleet.collector.receive.Reception;
import io.pifleet.daemon.Version;
import io.pifleet.daemon.control.ControlReply;
import io.pifleet.daemon.control.ControlRequest;
import io.pifleet.daemon.control.ControlVerb;
import io.pifleet.daemon.json.JsonOut;
import io.pifleet.protocol.discovery.DiscoveryStatus;
import io.pifleet.protocol.transfer.LiveTransfer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Answers {@code status}: one line with all that a person or a script may want to know. */
public final class StatusVerb implements ControlVerb {
  /** Transfers listed; the others are in the count. */
  private static final int MAX_TRANSFERS = 100;

  private static final int MAX_EVENTS = 10;

  /** Where the figures come from. Called on control threads. */
  public interface Sources {
    String collector();

    List<String> listening();

    Path storeDir();

    long usableBytes() throws IOException;

    Catalog.Totals totals() throws IOException;

    int lateDevices() throws IOException;

    Reception.Counts connections();

    String slots();

    int waiting();

    Map<String, Long> counts();

    List<LiveTransfer> live();

    Duration age(LiveTransfer transfer);

    Optional<DiscoveryStatus> discovery();

    /** The last things that happened, the newest one first. */
    List<EventRow> events(int limit) throws IOException;

    List<String> problems();
  }

  private final Sources sources;

  public StatusVerb(Sources sources) {
    this.sources = sources;
  }

  @Override
  public void run(ControlRequest request, ControlReply reply) throws IOException {
    reply.line(this::write);
  }

  private void write(JsonOut out) throws IOException {
    out.text("collector", sources.collector())
        .text("version", Version.text())
        .number("pid", ProcessHandle.current().pid())
        .number("uptime-seconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1_000);
    out.array("listening");
    for (String address : sources.listening()) {
      out.item(address);
    }
    out.end();
    writeStore(out);
    Reception.Counts connections = sources.connections();
    out.object("connections")
        .number("open", connections.open())
        .number("accepted", connections.accepted())
        .number("turned-away", connections.turnedAway())
        .text("slots", sources.slots())
        .number("waiting", sources.waiting())
        .end();
    out.object("counts");
    for (Map.Entry<String, Long> count : sources.counts().entrySet()) {
      out.number(count.getKey(), count.getValue());
    }
    out.end();
    writeTransfers(out);
    out.object("discovery").flag("announced", sources.discovery().isPresent());
    if (sources.discovery().isPresent()) {
      DiscoveryStatus discovery = sources.discovery().get();
      out.array("interfaces");
      for (String name : discovery.interfaces()) {
        out.item(name);
      }
      out.end().text("problem", discovery.problem());
    }
    out.end();
    out.array("events");
    for (EventRow event : sources.events(MAX_EVENTS)) {
      out.object()
          .time("at", event.at())
          .text("kind", event.kind())
          .text("device", event.device())
          .text("text", event.text())
          .end();
    }
    out.end();
    out.array("problems");
    for (String problem : sources.problems()) {
      out.item(problem);
    }
    out.end();
  }

  private void writeStore(JsonOut out) throws IOException {
    Catalog.Totals totals = sources.totals();
    out.object("store")
        .text("directory", sources.storeDir().toString())
        .number("devices", totals.devices())
        .number("late", sources.lateDevices())
        .number("archives", totals.archives())
        .number("bytes", totals.bytes())
        .number("usable-bytes", sources.usableBytes())
        .end();
  }

  private void writeTransfers(JsonOut out) throws IOException {
    out.array("transfers");
    int left = MAX_TRANSFERS;
    for (LiveTransfer transfer : sources.live()) {
      if (left-- == 0) {
        break;
      }
      out.object()
          .text("device", transfer.manifest().device())
          .text("archive", transfer.manifest().name().toString())
          .text("remote", address(transfer.remote()))
          .number("held-bytes", transfer.verifiedBytes())
          .number("arrived-bytes", transfer.arrivedBytes())
          .number("total-bytes", transfer.totalBytes())
          .number("milliseconds", sources.age(transfer).toMillis())
          .end();
    }
    out.end();
  }

  private static String address(SocketAddress remote) {
    return remote instanceof InetSocketAddress address
        ? address.getAddress().getHostAddress()
        : String.valueOf(remote);
  }
}
