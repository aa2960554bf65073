package io.pifleet.collector.cli;

import io.pifleet.collector.config.CollectorConfig;
import io.pifleet.collector.store.StoreLayout;
import io.pifleet.daemon.cli.CommandFailedException;
import io.pifleet.daemon.config.ConfigException;
import io.pifleet.daemon.control.ControlClient;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --config}, and what every verb makes of it. */
final class ConfigOption {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration to use (default: /etc/pifleet/collector.conf).")
  private Path file = CollectorConfig.DEFAULT_FILE;

  Path file() {
    return file;
  }

  CollectorConfig load() throws ConfigException {
    return CollectorConfig.load(file);
  }

  /** To the daemon that runs with this configuration. */
  ControlClient daemon() throws ConfigException {
    return new ControlClient(load().controlSocket(), CollectorCommand.NAME);
  }

  /** The store, which is there and may be read. */
  StoreLayout store() throws ConfigException, CommandFailedException {
    Path directory = load().storeDir();
    if (!Files.isDirectory(directory)) {
      throw new CommandFailedException("no store at " + directory);
    }
    if (!Files.isReadable(directory)) {
      throw new CommandFailedException(
          directory
              + ": permission denied; run this as root, or as a member of the group of "
              + CollectorCommand.NAME);
    }
    return new StoreLayout(directory);
  }
}
