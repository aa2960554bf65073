package io.pifleet.agent.control;

import io.pifleet.agent.plugin.PluginStatus;
import io.pifleet.agent.spool.SpoolStatus;
import io.pifleet.agent.upload.UploadStatus;
import io.pifleet.daemon.Version;
import io.pifleet.daemon.control.ControlReply;
import io.pifleet.daemon.control.ControlRequest;
import io.pifleet.daemon.control.ControlVerb;
import io.pifleet.daemon.json.JsonOut;
import io.pifleet.protocol.discovery.Discovered;
import io.pifleet.protocol.discovery.DiscoveryStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code status}: one line with everything that is known of the running agent. */
public final class StatusVerb implements ControlVerb {
  /** Where the parts of the agent say how they are. */
  public interface Sources {
    String device();

    SpoolStatus spool();

    List<PluginStatus> plugins();

    UploadStatus upload();

    List<Discovered> collectors();

    Optional<String> pinnedCollector();

    DiscoveryStatus discovery();

    /** What is wrong, each a sentence; empty when the agent is well. */
    List<String> problems();
  }

  private final Sources sources;
  private final long startedNanos = System.nanoTime();

  public StatusVerb(Sources sources) {
    this.sources = sources;
  }

  @Override
  public void run(ControlRequest request, ControlReply reply) throws Exception {
    reply.line(this::write);
  }

  private void write(JsonOut out) throws IOException {
    out.text("device", sources.device())
        .text("version", Version.text())
        .number("pid", ProcessHandle.current().pid())
        .number("uptime-seconds", (System.nanoTime() - startedNanos) / 1_000_000_000)
        .number("resident-bytes", residentBytes());
    out.array("problems");
    for (String problem : sources.problems()) {
      out.item(problem);
    }
    out.end();
    write(out, sources.spool());
    write(out, sources.upload());
    out.object("collector").text("pinned", sources.pinnedCollector().orElse(null)).array("known");
    for (Discovered collector : sources.collectors()) {
      write(out, collector);
    }
    out.end().end();
    DiscoveryStatus discovery = sources.discovery();
    out.object("discovery").text("problem", emptyToNull(discovery.problem())).array("interfaces");
    for (String one : discovery.interfaces()) {
      out.item(one);
    }
    out.end().end();
    out.array("plugins");
    for (PluginStatus plugin : sources.plugins()) {
      write(out, plugin);
    }
    out.end();
  }

  private static void write(JsonOut out, SpoolStatus spool) throws IOException {
    out.object("spool")
        .number("bytes", spool.bytes())
        .number("max-bytes", spool.maxBytes())
        .text("open-part", emptyToNull(spool.openPart()))
        .flag("clock-known", spool.clockKnown())
        .number("records", spool.records())
        .number("records-lost", spool.recordsLost())
        .number("files", spool.files())
        .number("files-waiting", spool.filesWaiting())
        .text("file-in-hand", spool.fileInHand().orElse(null))
        .number("gaps", spool.gaps())
        .number("archives", spool.archivesWaiting())
        .text("problem", spool.problem().orElse(null));
    time(out, "last-flush", spool.lastFlush());
    out.end();
  }

  private static void write(JsonOut out, UploadStatus upload) throws IOException {
    out.object("upload")
        .number("waiting", upload.waiting())
        .text("doing", upload.doing())
        .text("last-error", upload.lastError().orElse(null));
    time(out, "next-try", upload.nextTry());
    if (upload.transfer().isPresent()) {
      out.object("transfer");
      members(out, upload.transfer().get());
      out.end();
    }
    if (upload.lastReceipt().isPresent()) {
      UploadStatus.LastReceipt receipt = upload.lastReceipt().get();
      out.object("last-receipt")
          .text("archive", receipt.archive().toString())
          .text("collector", receipt.collector())
          .text("stored-as", receipt.storedAs())
          .number("bytes", receipt.bytes())
          .time("received", receipt.received())
          .end();
    }
    out.end();
  }

  static void members(JsonOut out, UploadStatus.Transfer transfer) throws IOException {
    out.text("archive", transfer.archive().toString())
        .text("collector", transfer.collector())
        .number("held-bytes", transfer.heldBytes())
        .number("total-bytes", transfer.totalBytes())
        .number("resumed-bytes", Math.max(transfer.resumedAtBytes(), 0))
        .number(
            "elapsed-ms", Duration.ofNanos(System.nanoTime() - transfer.startedNanos()).toMillis());
  }

  private static void write(JsonOut out, Discovered collector) throws IOException {
    out.object().text("id", collector.id()).number("port", collector.port()).array("addresses");
    for (InetAddress address : collector.addresses()) {
      out.item(address.getHostAddress());
    }
    out.end().text("interface", collector.interfaceName()).end();
  }

  private static void write(JsonOut out, PluginStatus plugin) throws IOException {
    out.object()
        .text("name", plugin.name())
        .text("type", plugin.type())
        .text("state", plugin.state().name().toLowerCase(Locale.ROOT))
        .text("detail", emptyToNull(plugin.detail()))
        .number("interval-ms", plugin.intervalNanos() / 1_000_000)
        .number("runs", plugin.runs())
        .number("failures", plugin.failures())
        .number("timeouts", plugin.timeouts())
        .number("late-runs", plugin.lateRuns())
        .number("records", plugin.records())
        .number("refused-records", plugin.refusedRecords())
        .number("rejected-lines", plugin.rejectedLines())
        .text("last-error", emptyToNull(plugin.lastError()))
        .number("last-duration-micros", plugin.lastDurationNanos() / 1000)
        .end();
  }

  private static void time(JsonOut out, String name, Optional<Instant> time) throws IOException {
    if (time.isPresent()) {
      out.time(name, time.get());
    }
  }

  private static String emptyToNull(String text) {
    return text.isEmpty() ? null : text;
  }

  /** VmRSS of proc(5); -1 when it cannot be read. */
  private static long residentBytes() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(-1);
    } catch (IOException | RuntimeException e) {
      return -1;
    }
  }
}
