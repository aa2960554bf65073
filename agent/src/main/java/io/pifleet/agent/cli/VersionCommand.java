package io.pifleet.agent.cli;

import io.pifleet.daemon.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code version}. */
@Command(
    name = "version",
    description = "Print the version.",
    mixinStandardHelpOptions = true,
    versionProvider = AgentCommand.Versions.class)
final class VersionCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    System.out.println(AgentCommand.NAME + " " + Version.text());
    return 0;
  }
}
