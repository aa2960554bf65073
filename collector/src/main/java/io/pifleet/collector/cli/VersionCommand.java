package io.pifleet.collector.cli;

import io.pifleet.daemon.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code version}. */
@Command(
    name = "version",
    description = "Print the version.",
    mixinStandardHelpOptions = true,
    versionProvider = CollectorCommand.Versions.class)
final class VersionCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    System.out.println(CollectorCommand.NAME + " " + Version.text());
    return 0;
  }
}
