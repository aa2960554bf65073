package io.pifleet.agent.plugin;

/**
 * Where records go. Called by any number of worker threads at once.
 *
 * <p><b>Design note:</b> lines travel as bytes because from here to the archive nobody needs to
 * understand them; a record object each would be the agent's largest source of garbage.
 */
public interface RecordSink {

  /**
   * Takes whole records of line protocol. Each ends in {@code '\n'} and carries a timestamp in
   * nanoseconds; a record may contain further newlines inside a quoted string. Copies what it
   * takes; never blocks.
   *
   * @param plugin the plugin's name in the configuration
   * @param records how many records stand in the bytes, at least 1
   * @return false when the queue is full; the sink has counted the loss as a gap of this plugin
   */
  boolean accept(String plugin, byte[] lines, int offset, int length, int records);
}
