package io.pifleet.agent.cli;

import io.pifleet.daemon.json.JsonObject;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code seal}. */
@Command(
    name = "seal",
    description = "End the open part of the period now, and start the next one.",
    mixinStandardHelpOptions = true)
final class SealCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Option(names = "--json", description = "Print one line of JSON for each archive.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    AtomicBoolean any = new AtomicBoolean();
    config
        .daemon()
        .call(
            "seal",
            Map.of(),
            line -> {
              any.set(true);
              System.out.println(
                  json ? line : "sealed " + JsonObject.parse(line).text("sealed", "?"));
            });
    if (!any.get() && !json) {
      System.out.println("nothing to seal");
    }
    return 0;
  }
}
