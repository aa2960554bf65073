package io.pifleet.agent.plugin.builtin;

import io.pifleet.agent.plugin.PluginTypes;
import io.pifleet.agent.plugin.exec.ExecFactory;
import io.pifleet.agent.plugin.files.FilesFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The types of plugins that come with the agent. */
public final class StandardPlugins {

  /**
   * They take a millisecond; a run that takes this long stands behind a device that does not
   * answer.
   */
  static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  private StandardPlugins() {}

  /**
   * All of them.
   *
   * @param root the directory that holds {@code proc} and {@code sys}: {@code /}, or a captured
   *     tree
   */
  public static PluginTypes types(Path root) {
    return new PluginTypes(
        List.of(
            new CpuPlugin.Factory(root),
            new MemoryPlugin.Factory(root),
            new DiskPlugin.Factory(root),
            new NetworkPlugin.Factory(root),
            new TemperaturePlugin.Factory(root),
            new ExecFactory(),
            new FilesFactory()));
  }

  /** With two digits after the point; 0 of nothing is 0. */
  static double percent(long part, long whole) {
    return whole > 0 ? Math.rint(1e4 * part / whole) / 100 : 0;
  }
}
