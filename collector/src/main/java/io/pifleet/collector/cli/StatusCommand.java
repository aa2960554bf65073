package io.pifleet.collector.cli;

import io.pifleet.daemon.cli.ExitStatus;
import io.pifleet.daemon.cli.Human;
import io.pifleet.daemon.cli.Printable;
import io.pifleet.daemon.cli.Table;
import io.pifleet.daemon.json.JsonObject;
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
    description = {
      "Show what the running collector does. Ends with 1 when something needs attention."
    },
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
    return problems.get() ? ExitStatus.FAILED : ExitStatus.FINE;
  }

  private static void print(JsonObject status) {
    say("collector", status.text("collector", "?") + ", version " + status.text("version", "?"));
    say(
        "running",
        Human.duration(Duration.ofSeconds(status.number("uptime-seconds", 0)))
            + ", process "
            + status.number("pid", 0));
    say("listening", String.join(", ", status.texts("listening")));
    JsonObject discovery = status.object("discovery");
    say(
        "announced",
        discovery.flag("announced", false)
            ? String.join(", ", discovery.texts("interfaces"))
            : "no");
    JsonObject store = status.object("store");
    say(
        "store",
        store.text("directory", "?")
            + ": "
            + store.number("archives", 0)
            + " archives of "
            + store.number("devices", 0)
            + " devices, "
            + Human.bytes(store.number("bytes", 0))
            + "; "
            + Human.bytes(store.number("usable-bytes", 0))
            + " free");
    if (store.number("late", 0) > 0) {
      say("late", store.number("late", 0) + " devices: see devices --late");
    }
    JsonObject connections = status.object("connections");
    say(
        "connections",
        connections.number("open", 0)
            + " open, "
            + connections.text("slots", "?")
            + " slots taken, "
            + connections.number("waiting", 0)
            + " devices wait, "
            + connections.number("turned-away", 0)
            + " turned away");
    JsonObject counts = status.object("counts");
    StringBuilder counted = new StringBuilder();
    for (String name : counts.names()) {
      counted.append(counted.length() == 0 ? "" : ", ");
      counted.append(counts.number(name, 0)).append(' ').append(name);
    }
    say("counts", counted.toString());
    for (JsonObject event : status.objects("events")) {
      say(
          "event",
          event.text("at", "?")
              + " "
              + event.text("kind", "?")
              + " "
              + event.text("device", "")
              + ": "
              + event.text("text", ""));
    }
    for (String problem : status.texts("problems")) {
      say("PROBLEM", problem);
    }
    printTransfers(status.objects("transfers"));
  }

  private static void printTransfers(List<JsonObject> transfers) {
    if (transfers.isEmpty()) {
      return;
    }
    Table table =
        new Table()
            .column("DEVICE")
            .column("ARCHIVE")
            .column("FROM")
            .figures("HELD")
            .figures("OF")
            .figures("RATE");
    for (JsonObject transfer : transfers) {
      long millis = Math.max(1, transfer.number("milliseconds", 1));
      table.row(
          transfer.text("device", "?"),
          transfer.text("archive", "?"),
          transfer.text("remote", "?"),
          Human.bytes(transfer.number("held-bytes", 0)),
          Human.bytes(transfer.number("total-bytes", 0)),
          Human.rate(transfer.number("arrived-bytes", 0) * 1_000.0 / millis));
    }
    System.out.println();
    table.print(System.out);
  }

  private static void say(String what, String text) {
    System.out.printf("%-11s %s%n", what, Printable.line(text));
  }
}
