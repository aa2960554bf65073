package io.pifleet.agent.plugin.builtin;

import io.pifleet.agent.plugin.Gathering;
import io.pifleet.agent.plugin.LineWriter;
import io.pifleet.agent.plugin.Plugin;
import io.pifleet.agent.plugin.PluginRecipe;
import io.pifleet.daemon.config.Section;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Memory and swap, from /proc/meminfo (proc_meminfo(5)). */
final class MemoryPlugin implements Plugin {

  private static final String[] KEYS = {
    "MemTotal:",
    "MemFree:",
    "MemAvailable:",
    "Buffers:",
    "Cached:",
    "Shmem:",
    "Dirty:",
    "Slab:",
    "SwapTotal:",
    "SwapFree:"
  };

  private static final String[] FIELDS = {
    "total",
    "free",
    "available",
    "buffered",
    "cached",
    "shared",
    "dirty",
    "slab",
    "swap_total",
    "swap_free"
  };

  private static final int TOTAL = 0;
  private static final int AVAILABLE = 2;
  private static final long ABSENT = -1;

  private final String file;
  private final KernelText text = new KernelText();
  private final long[] bytes = new long[KEYS.length];

  private MemoryPlugin(String file) {
    this.file = file;
  }

  @Override
  public void gather(Gathering gathering) throws IOException {
    Arrays.fill(bytes, ABSENT);
    text.load(file);
    while (text.nextLine()) {
      for (int i = 0; i < KEYS.length; i++) {
        if (bytes[i] == ABSENT && text.skip(KEYS[i])) {
          bytes[i] = text.number() * 1024; // "kB" there means KiB
          break;
        }
      }
    }
    if (bytes[TOTAL] <= 0) {
      throw new IOException(file + " has no MemTotal");
    }
    LineWriter lines = gathering.lines().line("mem");
    for (int i = 0; i < FIELDS.length; i++) {
      if (bytes[i] != ABSENT) {
        lines.field(FIELDS[i], bytes[i]);
      }
    }
    if (bytes[AVAILABLE] != ABSENT) {
      long used = bytes[TOTAL] - bytes[AVAILABLE];
      lines.field("used", used);
      lines.field("used_percent", StandardPlugins.percent(used, bytes[TOTAL]));
    }
    lines.end(gathering.stampNanos());
  }

  record Recipe(Path root) implements PluginRecipe {
    @Override
    public Plugin create() {
      return new MemoryPlugin(root.resolve("proc/meminfo").toString());
    }
  }

  record Factory(Path root) implements StandardFactory {
    @Override
    public String type() {
      return "memory";
    }

    @Override
    public PluginRecipe configure(Section section) {
      return new Recipe(root);
    }
  }
}
