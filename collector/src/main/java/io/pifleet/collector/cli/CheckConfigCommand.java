package io.pifleet.collector.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code check-config}. */
@Command(
    name = "check-config",
    description =
        "Check the configuration; name file, line and the allowed values of what is wrong.",
    mixinStandardHelpOptions = true)
final class CheckConfigCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Override
  public Integer call() throws Exception {
    config.load();
    System.out.println(config.file() + " is fine");
    return 0;
  }
}
