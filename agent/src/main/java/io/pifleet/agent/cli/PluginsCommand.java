package io.pifleet.agent.cli;

import io.pifleet.agent.config.AgentConfiguration;
import io.pifleet.agent.plugin.PluginSpec;
import io.pifleet.daemon.cli.CommandFailedException;
import io.pifleet.daemon.cli.Human;
import io.pifleet.daemon.cli.Table;
import io.pifleet.daemon.json.JsonOut;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code plugins}. */
@Command(
    name = "plugins",
    description = "List the plugins of the configuration, or try one.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "[list | test NAME]",
    subcommands = {PluginsCommand.ListCommand.class, PluginsCommand.TestCommand.class})
final class PluginsCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;

  @Override
  public Integer call() throws Exception {
    return list(config.load());
  }

  private static int listAsJson(AgentConfiguration configuration) throws IOException {
    JsonOut out = new JsonOut(System.out); // ends its lines itself; stdout stays open
    for (PluginSpec plugin : configuration.plugins()) {
      String state = state(plugin);
      out.object()
          .text("name", plugin.name())
          .text("type", plugin.type())
          .flag("on", state.equals("on"))
          .text("state", state)
          .number("interval-ms", plugin.interval().toMillis())
          .number("timeout-ms", plugin.timeout().toMillis())
          .end();
    }
    return 0;
  }

  private static int list(AgentConfiguration configuration) {
    Table table =
        new Table()
            .column("PLUGIN")
            .column("TYPE")
            .column("STATE")
            .figures("INTERVAL")
            .figures("TIMEOUT");
    for (PluginSpec plugin : configuration.plugins()) {
      table.row(
          plugin.name(),
          plugin.type(),
          state(plugin),
          Human.duration(plugin.interval()),
          Human.duration(plugin.timeout()));
    }
    table.print(System.out);
    return 0;
  }

  private static String state(PluginSpec plugin) {
    if (!plugin.enabled()) {
      return "off: enabled = false";
    }
    return PluginTrial.whyOff(plugin).map(why -> "off: " + why).orElse("on");
  }

  /** {@code plugins list}. */
  @Command(
      name = "list",
      description = "List all plugins: what is on, and why the others are off.",
      mixinStandardHelpOptions = true)
  static final class ListCommand implements Callable<Integer> {
    @Mixin private ConfigOption config;

    @Option(names = "--json", description = "Print one line of JSON for each.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
      return json ? listAsJson(config.load()) : list(config.load());
    }
  }

  /** {@code plugins test}. */
  @Command(
      name = "test",
      description = {
        "Run one plugin here and now, and print the records and files that it finds.",
        "Nothing is stored. Ends with 1 when it fails."
      },
      mixinStandardHelpOptions = true)
  static final class TestCommand implements Callable<Integer> {
    @Mixin private ConfigOption config;

    @Parameters(index = "0", paramLabel = "NAME", description = "As in plugins.NAME.")
    private String name;

    @Override
    public Integer call() throws Exception {
      AgentConfiguration configuration = config.load();
      PluginSpec plugin = null;
      StringBuilder names = new StringBuilder();
      for (PluginSpec each : configuration.plugins()) {
        names.append(names.length() == 0 ? "" : ", ").append(each.name());
        plugin = each.name().equals(name) ? each : plugin;
      }
      if (plugin == null) {
        throw new CommandFailedException("no plugin is called " + name + "; there are: " + names);
      }
      Optional<String> problem = new PluginTrial(plugin, System.out).run();
      problem.ifPresent(
          text -> System.err.println(AgentCommand.NAME + ": plugin " + name + ": " + text));
      return problem.isPresent() ? 1 : 0;
    }
  }
}
