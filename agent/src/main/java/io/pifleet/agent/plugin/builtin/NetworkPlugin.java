package io.pifleet.agent.plugin.builtin;

import io.pifleet.agent.plugin.Gathering;
import io.pifleet.agent.plugin.LineWriter;
import io.pifleet.agent.plugin.NamePattern;
import io.pifleet.agent.plugin.Plugin;
import io.pifleet.agent.plugin.PluginRecipe;
import io.pifleet.daemon.config.Section;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What went through the network interfaces since they exist: the counters of /proc/net/dev
 * (proc_net(5)). Counters and not rates, as everywhere else: a run that is left out loses no byte.
 */
final class NetworkPlugin implements Plugin {

  private static final List<String> DEFAULT_IGNORED = List.of("lo", "veth*");

  private final String file;
  private final List<NamePattern> ignored;
  private final KernelText text = new KernelText();

  private NetworkPlugin(String file, List<NamePattern> ignored) {
    this.file = file;
    this.ignored = ignored;
  }

  @Override
  public void gather(Gathering gathering) throws IOException {
    text.load(file);
    text.nextLine(); // two lines of headings
    text.nextLine();
    while (text.nextLine()) {
      String name = text.until(':');
      if (name.isEmpty() || NamePattern.anyMatches(ignored, name)) {
        continue;
      }
      LineWriter lines = gathering.lines().line("net").tag("interface", name);
      lines.field("bytes_recv", text.number());
      lines.field("packets_recv", text.number());
      lines.field("err_in", text.number());
      lines.field("drop_in", text.number());
      text.skipWords(4); // fifo, frame, compressed, multicast
      lines.field("bytes_sent", text.number());
      lines.field("packets_sent", text.number());
      lines.field("err_out", text.number());
      lines.field("drop_out", text.number());
      lines.end(gathering.stampNanos());
    }
  }

  record Recipe(Path root, List<String> ignored) implements PluginRecipe {
    @Override
    public Plugin create() {
      return new NetworkPlugin(root.resolve("proc/net/dev").toString(), NamePattern.all(ignored));
    }
  }

  record Factory(Path root) implements StandardFactory {
    @Override
    public String type() {
      return "network";
    }

    @Override
    public PluginRecipe configure(Section section) {
      List<String> ignored = section.texts("ignore", DEFAULT_IGNORED);
      try {
        NamePattern.all(ignored);
      } catch (IllegalArgumentException e) {
        section.refuse("ignore", "names of interfaces, with * and ?; " + e.getMessage());
      }
      return new Recipe(root, ignored);
    }
  }
}
