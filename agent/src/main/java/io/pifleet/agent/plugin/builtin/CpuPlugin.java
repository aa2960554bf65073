package io.pifleet.agent.plugin.builtin;

import io.pifleet.agent.plugin.Gathering;
import io.pifleet.agent.plugin.LineWriter;
import io.pifleet.agent.plugin.Plugin;
import io.pifleet.agent.plugin.PluginRecipe;
import io.pifleet.daemon.config.Section;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What the processors did since the run before: the share of each kind of time in /proc/stat
 * (proc_stat(5)).
 *
 * <p>Percentages and not the kernel's counters, although those would survive a run that was left
 * out: a percentage can be plotted and compared without knowing the clock tick, reboots and the
 * record before.
 */
final class CpuPlugin implements Plugin {

  /**
   * In the order of the columns of /proc/stat; kernels that do not know the last ones leave them
   * out.
   */
  private static final String[] FIELDS = {
    "usage_user",
    "usage_nice",
    "usage_system",
    "usage_idle",
    "usage_iowait",
    "usage_irq",
    "usage_softirq",
    "usage_steal",
    "usage_guest",
    "usage_guest_nice"
  };

  private static final int USER = 0;
  private static final int NICE = 1;
  private static final int GUEST = 8;
  private static final int GUEST_NICE = 9;

  /** NR_CPUS of the largest kernels that Debian builds. */
  private static final int MAX_CPUS = 8192;

  private final String file;
  private final boolean perCpu;
  private final KernelText text = new KernelText();
  private final long[] now = new long[FIELDS.length];

  /** Of all processors together, then of each; null where nothing was seen yet. */
  private long[][] before = new long[1][];

  private CpuPlugin(String file, boolean perCpu) throws IOException {
    this.file = file;
    this.perCpu = perCpu;
    read(null);
  }

  @Override
  public void gather(Gathering gathering) throws IOException {
    read(gathering);
  }

  /**
   * Without a gathering it only takes the counters, so that the first run has something to compare
   * with.
   */
  private void read(Gathering gathering) throws IOException {
    text.load(file);
    while (text.nextLine() && text.skip("cpu")) {
      if (text.skip(" ")) {
        row(gathering, 0, "cpu-total");
      } else if (perCpu) {
        long cpu = text.number();
        if (cpu < MAX_CPUS) {
          row(gathering, (int) cpu + 1, "cpu" + cpu);
        }
      }
    }
  }

  private void row(Gathering gathering, int index, String name) throws IOException {
    Arrays.fill(now, 0);
    for (int i = 0; i < now.length && text.hasMore(); i++) {
      now[i] = text.number();
    }
    // Guest time is in user time as well: taken out there, the shares add up to 100.
    now[USER] -= now[GUEST];
    now[NICE] -= now[GUEST_NICE];
    if (index >= before.length) {
      before = Arrays.copyOf(before, index + 1);
    }
    if (before[index] == null) {
      before[index] = now.clone();
      return;
    }
    long total = 0;
    for (int i = 0; i < now.length; i++) {
      total += grown(index, i);
    }
    if (gathering != null && total > 0) {
      LineWriter lines = gathering.lines().line("cpu").tag("cpu", name);
      for (int i = 0; i < now.length; i++) {
        // Two digits: a run of 10 s has 1,000 ticks.
        lines.field(FIELDS[i], Math.rint(1e4 * grown(index, i) / total) / 100);
      }
      lines.end(gathering.stampNanos());
    }
    System.arraycopy(now, 0, before[index], 0, now.length);
  }

  /** Idle and iowait may run backwards, says proc_stat(5). */
  private long grown(int index, int column) {
    return Math.max(0, now[column] - before[index][column]);
  }

  record Recipe(Path root, boolean perCpu) implements PluginRecipe {
    @Override
    public Plugin create() throws IOException {
      return new CpuPlugin(root.resolve("proc/stat").toString(), perCpu);
    }
  }

  record Factory(Path root) implements StandardFactory {
    @Override
    public String type() {
      return "cpu";
    }

    @Override
    public PluginRecipe configure(Section section) {
      return new Recipe(root, section.flag("per-cpu", true));
    }
  }
}
