package io.pifleet.agent.cli;

import io.pifleet.daemon.cli.Human;
import io.pifleet.daemon.cli.Printable;
import io.pifleet.daemon.cli.Table;
import io.pifleet.daemon.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code status}. */
@Command(
    name = "status",
    description = "Show what the running agent does. Ends with 1 when something needs attention.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Option(names = "--json", description = "Print one line of JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    AtomicBoolean problems = new AtomicBoolean();
    config
        .daemon()
        .call(
            "status",
            Map.of(),
            line -> {
              JsonObject status = JsonObject.parse(line);
              problems.set(!status.texts("problems").isEmpty());
              if (json) {
                System.out.println(line);
              } else {
                print(status);
              }
            });
    return problems.get() ? 1 : 0;
  }

  private static void print(JsonObject status) throws IOException {
    say("device", status.text("device", "?") + ", version " + status.text("version", "?"));
    say(
        "running",
        Human.duration(Duration.ofSeconds(status.number("uptime-seconds", 0)))
            + ", process "
            + status.number("pid", 0)
            + ", "
            + Human.bytes(status.number("resident-bytes", 0))
            + " resident");
    JsonObject spool = status.object("spool");
    say(
        "gathering",
        spool.text("open-part", "nothing")
            + ": "
            + spool.number("records", 0)
            + " records, "
            + spool.number("files", 0)
            + " files, "
            + spool.number("gaps", 0)
            + " gaps; last flush "
            + spool.text("last-flush", "never"));
    if (!spool.flag("clock-known", true)) {
      say("clock", "not synchronized yet: records are kept with raw stamps");
    }
    say(
        "spool",
        Human.bytes(spool.number("bytes", 0))
            + " of at most "
            + Human.bytes(spool.number("max-bytes", 0))
            + ", "
            + spool.number("archives", 0)
            + " sealed archives");
    printUpload(status.object("upload"));
    printCollectors(status.object("collector"), status.object("discovery"));
    printPlugins(status.objects("plugins"));
    for (String problem : status.texts("problems")) {
      say("PROBLEM", problem);
    }
  }

  private static void printUpload(JsonObject upload) {
    JsonObject transfer = upload.object("transfer");
    if (transfer.names().isEmpty()) {
      String next = upload.text("next-try", "");
      say(
          "upload",
          upload.number("waiting", 0)
              + " waiting; "
              + upload.text("doing", "?")
              + (next.isEmpty() ? "" : ", next at " + next));
    } else {
      long total = transfer.number("total-bytes", 0);
      long held = transfer.number("held-bytes", 0);
      say(
          "upload",
          transfer.text("archive", "?")
              + " to "
              + transfer.text("collector", "?")
              + ": "
              + Human.bytes(held)
              + " of "
              + Human.bytes(total)
              + " acknowledged");
    }
    if (!upload.text("last-error", "").isEmpty()) {
      say("", "last error: " + upload.text("last-error", ""));
    }
    JsonObject receipt = upload.object("last-receipt");
    if (!receipt.names().isEmpty()) {
      say(
          "receipt",
          receipt.text("archive", "?")
              + " stored by "
              + receipt.text("collector", "?")
              + " at "
              + receipt.text("received", "?"));
    }
  }

  private static void printCollectors(JsonObject collector, JsonObject discovery) {
    StringBuilder known = new StringBuilder();
    for (JsonObject one : collector.objects("known")) {
      known
          .append(known.length() == 0 ? "" : "; ")
          .append(one.text("id", "?"))
          .append(" at ")
          .append(String.join(", ", one.texts("addresses")))
          .append(" port ")
          .append(one.number("port", 0));
    }
    String pinned = collector.text("pinned", "");
    say(
        "collectors",
        (known.length() == 0 ? "none heard" : known.toString())
            + (pinned.isEmpty() ? "" : "; pinned: " + pinned));
    List<String> interfaces = discovery.texts("interfaces");
    String problem = discovery.text("problem", "");
    say(
        "discovery",
        (interfaces.isEmpty() ? "on no interface" : String.join(", ", interfaces))
            + (problem.isEmpty() ? "" : "; " + problem));
  }

  private static void printPlugins(List<JsonObject> plugins) {
    Table table =
        new Table()
            .column("PLUGIN")
            .column("STATE")
            .figures("RUNS")
            .figures("FAILED")
            .figures("LATE")
            .figures("RECORDS")
            .column("LAST ERROR");
    for (JsonObject plugin : plugins) {
      String detail = plugin.text("detail", "");
      table.row(
          plugin.text("name", "?"),
          plugin.text("state", "?") + (detail.isEmpty() ? "" : ": " + detail),
          Long.toString(plugin.number("runs", 0)),
          Long.toString(plugin.number("failures", 0) + plugin.number("timeouts", 0)),
          Long.toString(plugin.number("late-runs", 0)),
          Long.toString(plugin.number("records", 0)),
          plugin.text("last-error", "-"));
    }
    System.out.println();
    table.print(System.out);
  }

  private static void say(String what, String text) {
    System.out.printf("%-11s %s%n", what, Printable.line(text));
  }
}
