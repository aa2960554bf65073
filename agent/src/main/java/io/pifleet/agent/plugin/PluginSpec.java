package io.pifleet.agent.plugin;

import java.time.Duration;

/**
 * A configured plugin. A value: at a reload, equal means unchanged.
 *
 * @param name as in {@code plugins.NAME}
 * @param enabled false: listed, never run
 * @param interval from the start of one run to the start of the next
 * @param timeout after which a run is interrupted
 */
public record PluginSpec(
    String name,
    String type,
    boolean enabled,
    Duration interval,
    Duration timeout,
    PluginRecipe recipe) {}
