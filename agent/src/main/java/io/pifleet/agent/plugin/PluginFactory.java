package io.pifleet.agent.plugin;

import io.pifleet.daemon.config.Section;
import java.time.Duration;

/** Knows one type of plugin and its configuration. Stateless. */
public interface PluginFactory {

  /** As in {@code plugins.NAME.type}. */
  String type();

  /**
   * Whether a plugin of this type, named like the type, runs without a block in the configuration.
   */
  boolean onByDefault();

  /** How long a run may take where the configuration does not say. */
  Duration defaultTimeout();

  /**
   * Reads the keys that are the type's own. What is wrong is reported to the section, and the
   * result then only has to be something. Looks at nothing but the section.
   *
   * @param section {@code plugins.NAME}, possibly empty
   */
  PluginRecipe configure(Section section);
}
