package io.pifleet.agent.config;

import io.pifleet.agent.plugin.PluginSpec;
import io.pifleet.agent.plugin.builtin.StandardPlugins;
import io.pifleet.daemon.config.ConfigException;
import io.pifleet.daemon.config.ConfigFile;
import java.nio.file.Path;
import java.util.List;

/**
 * A whole configuration file, read and checked.
 *
 * @param plugins ordered by name
 */
public record AgentConfiguration(Path file, AgentConfig agent, List<PluginSpec> plugins) {
  /** Where the package puts it. */
  public static final Path DEFAULT_FILE = Path.of("/etc/pifleet/agent.conf");

  public AgentConfiguration {
    plugins = List.copyOf(plugins);
  }

  /**
   * @throws ConfigException with everything that is wrong, each with file and line
   */
  public static AgentConfiguration load(Path path) throws ConfigException {
    ConfigFile file = ConfigFile.load(path, "pifleet");
    AgentConfig agent = AgentConfig.from(file.root());
    List<PluginSpec> plugins = StandardPlugins.types(Path.of("/")).read(file.root());
    file.check();
    return new AgentConfiguration(file.file(), agent, plugins);
  }
}
