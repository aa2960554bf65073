package io.pifleet.agent.plugin.builtin;

import io.pifleet.agent.plugin.PluginFactory;
import java.time.Duration;

/** What all built-in plugins have in common: on without a block, and done in a millisecond. */
interface StandardFactory extends PluginFactory {
  @Override
  default boolean onByDefault() {
    return true;
  }

  @Override
  default Duration defaultTimeout() {
    return StandardPlugins.DEFAULT_TIMEOUT;
  }
}
