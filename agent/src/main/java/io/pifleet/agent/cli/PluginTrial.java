package io.pifleet.agent.cli;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.agent.plugin.FileSink;
import io.pifleet.agent.plugin.PluginOffException;
import io.pifleet.agent.plugin.PluginScheduler;
import io.pifleet.agent.plugin.PluginSpec;
import io.pifleet.agent.plugin.PluginStatus;
import io.pifleet.agent.plugin.RecordSink;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Runs one plugin as the agent would, twice (some tell what changed between two runs), and prints
 * what it finds.
 */
final class PluginTrial {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final int RUNS = 2;

  /** A file is offered when it has been at rest, for 10 s by default. */
  private static final int RUNS_UNTIL_FILES_REST = 15;

  private static final long LOOK_MS = 50;

  private final PluginSpec plugin;
  private final PrintStream out;
  private final Set<Path> offered = ConcurrentHashMap.newKeySet();

  PluginTrial(PluginSpec plugin, PrintStream out) {
    this.plugin =
        new PluginSpec(
            plugin.name(), plugin.type(), true, INTERVAL, plugin.timeout(), plugin.recipe());
    this.out = out;
  }

  /** Why the plugin has nothing to do on this device; empty when it has. */
  static Optional<String> whyOff(PluginSpec plugin) {
    try {
      plugin.recipe().create().close();
      return Optional.empty();
    } catch (PluginOffException e) {
      return Optional.of(e.getMessage());
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }

  /**
   * @return what is wrong with it, or empty
   */
  Optional<String> run() throws InterruptedException {
    RecordSink records =
        (name, lines, offset, length, count) -> {
          out.write(lines, offset, length);
          return true;
        };
    long limitNanos =
        plugin
            .timeout()
            .multipliedBy(RUNS)
            .plus(INTERVAL.multipliedBy(RUNS_UNTIL_FILES_REST))
            .plus(PluginScheduler.GRACE)
            .plus(INTERVAL.multipliedBy(4))
            .toNanos();
    long startedNanos = System.nanoTime();
    try (PluginScheduler scheduler =
        new PluginScheduler(
            records, new PrintedFiles(), (name, from, to, loss) -> {}, PluginTrial::wallNanos)) {
      scheduler.start(List.of(plugin));
      while (System.nanoTime() - startedNanos < limitNanos) {
        PluginStatus status = scheduler.statuses().get(0);
        if (status.state() == PluginStatus.State.OFF) {
          return Optional.of("off: " + status.detail());
        }
        if (!status.lastError().isEmpty() && status.runs() > 0) {
          return Optional.of(status.lastError());
        }
        boolean patient = plugin.type().equals("files") && offered.isEmpty();
        if (status.runs() >= (patient ? RUNS_UNTIL_FILES_REST : RUNS)) {
          return Optional.empty();
        }
        Thread.sleep(LOOK_MS);
      }
    }
    return Optional.of("did not end in time");
  }

  private static long wallNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  private final class PrintedFiles implements FileSink {
    @Override
    public Answer ask(FileChange change) {
      return Answer.NEW;
    }

    @Override
    public boolean offer(FileChange change) {
      if (offered.add(change.path())) {
        out.println("# file " + change.path() + ", " + change.sizeBytes() + " bytes");
      }
      return true;
    }

    @Override
    public void scanned(String name) {}
  }
}
