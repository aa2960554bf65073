package io.pifleet.agent.plugin.exec;

import io.pifleet.agent.plugin.Plugin;
import io.pifleet.agent.plugin.PluginRecipe;
import java.util.List;
import java.util.Map;

/**
 * A command to run.
 *
 * @param command program and arguments; no shell looks at them
 * @param environment what is added to PATH and LANG
 * @param maxOutputBytes of standard output in one run
 */
record ExecRecipe(List<String> command, Map<String, String> environment, long maxOutputBytes)
    implements PluginRecipe {

  @Override
  public Plugin create() {
    return new ExecPlugin(this);
  }
}
