/**
 * Plugins: what gathers records and files on a device, and the scheduler that runs each of them on
 * its own interval. Reading order: {@link io.pifleet.agent.plugin.Plugin}, {@link
 * io.pifleet.agent.plugin.Gathering}, {@link io.pifleet.agent.plugin.LineWriter}, {@link
 * io.pifleet.agent.plugin.RecordSink}, {@link io.pifleet.agent.plugin.FileSink}.
 */
package io.pifleet.agent.plugin;
