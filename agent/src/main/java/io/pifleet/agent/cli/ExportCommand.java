package io.pifleet.agent.cli;

import io.pifleet.agent.AgentFiles;
import io.pifleet.agent.spool.SealedArchives;
import io.pifleet.daemon.cli.CommandFailedException;
import io.pifleet.daemon.cli.Terminal;
import io.pifleet.protocol.ArchiveName;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code export}. */
@Command(
    name = "export",
    description = {
      "Write a sealed archive to stdout: a .tar.zst, the same bytes that the collector stores.",
      "Reads the spool; no daemon has to run."
    },
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Parameters(
      index = "0",
      paramLabel = "ARCHIVE",
      converter = ArchiveArgument.class,
      description = "Which one.")
  private ArchiveName archive;

  @Override
  public Integer call() throws Exception {
    if (Terminal.isOnStdout()) {
      throw new CommandFailedException("stdout is a terminal; write > FILE, or | tar --zstd -t");
    }
    SealedArchives archives = SealedArchives.in(AgentFiles.spool(config.load().agent().stateDir()));
    try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
      archives.open(archive).export(out.getChannel());
    }
    return 0;
  }
}
