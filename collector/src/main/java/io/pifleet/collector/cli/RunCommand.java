package io.pifleet.collector.cli;

import io.pifleet.collector.CollectorDaemon;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code run}. */
@Command(
    name = "run",
    description = {
      "Run the collector in the foreground until SIGTERM or SIGINT.",
      "SIGHUP reads the configuration again. The log goes to stdout."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Override
  public Integer call() throws Exception {
    return CollectorDaemon.run(config.file());
  }
}
