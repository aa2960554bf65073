package io.pifleet.agent;

import io.pifleet.agent.cli.AgentCommand;
import io.pifleet.agent.config.AgentConfiguration;
import io.pifleet.daemon.cli.ErrorText;
import io.pifleet.daemon.cli.ExitStatus;
import io.pifleet.daemon.cli.RunArguments;
import io.pifleet.daemon.config.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Entry point of {@code pifleet-agent}. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Optional<Path> config = RunArguments.config(args, AgentConfiguration.DEFAULT_FILE);
    System.exit(config.isPresent() ? run(config.get()) : AgentCommand.run(args));
  }

  private static int run(Path config) {
    try {
      return AgentDaemon.run(config);
    } catch (ConfigException e) {
      System.err.println(e.getMessage());
      return ExitStatus.USAGE;
    } catch (IOException e) {
      System.err.println(AgentCommand.NAME + ": " + ErrorText.of(e));
      return ExitStatus.FAILED;
    }
  }
}
