package io.pifleet.agent.cli;

import io.pifleet.daemon.cli.Human;
import io.pifleet.daemon.cli.Progress;
import io.pifleet.daemon.cli.ProgressDisplay;
import io.pifleet.daemon.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code upload}. */
@Command(
    name = "upload",
    description = {
      "Deliver what is sealed without waiting for its turn; print the receipts.",
      "Ends with 0 only when all of them are in."
    },
    mixinStandardHelpOptions = true)
final class UploadCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Option(names = "--now", description = "Seal first what has been gathered until now.")
  private boolean now;

  @Option(names = "--json", description = "Print every step as a line of JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    try (ProgressDisplay display = ProgressDisplay.onStderr()) {
      config
          .daemon()
          .call("upload", Map.of("now", Boolean.toString(now)), line -> show(line, display));
    }
    return 0;
  }

  private void show(String line, ProgressDisplay display) throws IOException {
    if (json) {
      System.out.println(line);
      return;
    }
    JsonObject reply = JsonObject.parse(line);
    if (reply.names().contains("progress")) {
      JsonObject transfer = reply.object("progress");
      display.show(
          transfer.text("archive", "?"),
          new Progress(
              transfer.number("held-bytes", 0),
              transfer.number("total-bytes", 0),
              transfer.number("resumed-bytes", 0),
              Duration.ofMillis(transfer.number("elapsed-ms", 0))));
      return;
    }
    display.close();
    if (reply.names().contains("receipt")) {
      JsonObject receipt = reply.object("receipt");
      System.out.println(
          "receipt for "
              + receipt.text("archive", "?")
              + ": "
              + Human.bytes(receipt.number("bytes", 0))
              + " stored by "
              + receipt.text("collector", "?")
              + " as "
              + receipt.text("stored-as", "?")
              + " at "
              + receipt.text("received", "?"));
    } else if (reply.names().contains("waiting")) {
      int waiting = reply.texts("waiting").size();
      System.out.println(
          waiting == 0 ? "nothing to upload" : waiting + " to upload: " + names(reply));
    } else if (!reply.text("state", "").isEmpty()) {
      System.err.println(reply.text("state", ""));
    }
  }

  private static String names(JsonObject reply) {
    return String.join(", ", reply.texts("waiting"));
  }
}
