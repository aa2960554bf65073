package io.pifleet.agent.cli;

import io.pifleet.agent.AgentFiles;
import io.pifleet.agent.config.AgentConfiguration;
import io.pifleet.daemon.config.ConfigException;
import io.pifleet.daemon.control.ControlClient;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --config}, and what every verb makes of it. */
final class ConfigOption {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration to use (default: /etc/pifleet/agent.conf).")
  private Path file = AgentConfiguration.DEFAULT_FILE;

  Path file() {
    return file;
  }

  AgentConfiguration load() throws ConfigException {
    return AgentConfiguration.load(file);
  }

  /** To the daemon that runs with this configuration. */
  ControlClient daemon() throws ConfigException {
    return new ControlClient(
        AgentFiles.controlSocket(load().agent().runtimeDir()), AgentCommand.NAME);
  }
}
