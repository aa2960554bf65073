package io.pifleet.collector.cli;

import io.pifleet.collector.store.StoreLayout;
import io.pifleet.daemon.cli.CommandFailedException;
import io.pifleet.daemon.cli.Progress;
import io.pifleet.daemon.cli.ProgressDisplay;
import io.pifleet.daemon.cli.Terminal;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code export}. */
@Command(
    name = "export",
    description = {
      "Write an archive, a .tar.zst, to stdout: pifleet-collector export DEVICE ARCHIVE > x.tar.zst",
      "Reads the store; no daemon has to run."
    },
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  /** One call; between two of them the progress is drawn. */
  private static final long CHUNK_BYTES = 64 << 20;

  @Mixin private ConfigOption config;
  @Mixin private ArchiveParameters archive;

  @Override
  public Integer call() throws Exception {
    if (Terminal.isOnStdout()) {
      throw new CommandFailedException("stdout is a terminal; write > FILE, or | tar --zstd -t");
    }
    StoreLayout layout = config.store();
    archive.requireStored(layout);
    try (FileChannel source =
            FileChannel.open(
                layout.archive(archive.device(), archive.name()), StandardOpenOption.READ);
        FileOutputStream stdout = new FileOutputStream(FileDescriptor.out);
        ProgressDisplay progress = ProgressDisplay.onStderr()) {
      copy(source, stdout.getChannel(), progress);
    }
    return 0;
  }

  private void copy(FileChannel source, FileChannel target, ProgressDisplay progress)
      throws IOException {
    long start = System.nanoTime();
    long size = source.size();
    long done = 0;
    while (done < size) {
      long moved = source.transferTo(done, Math.min(CHUNK_BYTES, size - done), target);
      if (moved <= 0) {
        throw new IOException("the archive ended at " + done + " of " + size + " bytes");
      }
      done += moved;
      progress.show(
          archive.name().toString(),
          new Progress(done, size, 0, Duration.ofNanos(System.nanoTime() - start)));
    }
  }
}
