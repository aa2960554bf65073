package io.pifleet.agent.plugin;

import java.io.IOException;

/**
 * The checked settings of a plugin, from which it is made. A value: two recipes that are equal make
 * plugins that behave alike, so at a reload a plugin whose recipe is equal goes on undisturbed.
 * Records are the natural form.
 */
public interface PluginRecipe {

  /**
   * Makes the plugin. Called on a worker thread and under the plugin's timeout, so it may look at
   * the device.
   *
   * @throws PluginOffException when what it would watch does not exist here
   * @throws IOException when it cannot be told; tried again at the next interval
   */
  Plugin create() throws PluginOffException, IOException;
}
