package io.pifleet.collector.cli;

import io.pifleet.daemon.Version;
import io.pifleet.daemon.cli.CommandRunner;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** {@code pifleet-collector} and its verbs. */
@Command(
    name = CollectorCommand.NAME,
    description = {"Receives, verifies, stores and shows what the devices of a fleet upload.", ""},
    mixinStandardHelpOptions = true,
    versionProvider = CollectorCommand.Versions.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "ARCHIVE is a period such as 2026-W47, a later part of one, 2026-W47.2, or one that was kept",
      "beside another of its name, 2026-W47~3f9a1c2d.",
      "Exit status: 0 fine, 1 failed or needs attention, 2 wrong usage or configuration."
    },
    subcommands = {
      RunCommand.class,
      StatusCommand.class,
      CheckConfigCommand.class,
      DevicesCommand.class,
      ArchivesCommand.class,
      RecordsCommand.class,
      ExportCommand.class,
      VerifyCommand.class,
      ForgetCommand.class,
      VersionCommand.class
    })
public final class CollectorCommand {
  public static final String NAME = "pifleet-collector";

  /**
   * Runs one verb.
   *
   * @return the exit status
   */
  public static int run(String... args) {
    return new CommandRunner(new CollectorCommand()).run(args);
  }

  /** Version of this build. */
  static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {NAME + " " + Version.text()};
    }
  }
}
