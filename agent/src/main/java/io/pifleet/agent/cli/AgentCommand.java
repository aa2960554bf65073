package io.pifleet.agent.cli;

import io.pifleet.daemon.Version;
import io.pifleet.daemon.cli.CommandRunner;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** {@code pifleet-agent} and its verbs. */
@Command(
    name = AgentCommand.NAME,
    description = {
      "Gathers metrics and files on this device, and delivers one archive per week to a collector.",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = AgentCommand.Versions.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "ARCHIVE is a period such as 2026-W47, or a later part of one, 2026-W47.2.",
      "Exit status: 0 fine, 1 failed or needs attention, 2 wrong usage or configuration."
    },
    subcommands = {
      RunCommand.class,
      StatusCommand.class,
      CheckConfigCommand.class,
      PluginsCommand.class,
      SealCommand.class,
      UploadCommand.class,
      ArchivesCommand.class,
      ExportCommand.class,
      DiscoverCommand.class,
      VersionCommand.class
    })
public final class AgentCommand {
  public static final String NAME = "pifleet-agent";

  /**
   * Runs one verb.
   *
   * @return the exit status
   */
  public static int run(String... args) {
    return new CommandRunner(new AgentCommand()).run(args);
  }

  /** Version of this build. */
  static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {NAME + " " + Version.text()};
    }
  }
}
