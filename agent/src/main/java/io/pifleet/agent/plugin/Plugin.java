package io.pifleet.agent.plugin;

/**
 * One source of records or of files.
 *
 * <p>All calls of one plugin come one after the other, each on some worker thread of the scheduler,
 * with a happens-before edge between them: fields need no locks. A run that passes its timeout is
 * interrupted and has to end within a few seconds; a plugin that cannot be interrupted costs its
 * worker thread.
 */
public interface Plugin extends AutoCloseable {

  /**
   * Gathers once. What it threw is counted and shown in the plugin's status; what it handed over
   * before still counts.
   *
   * @throws InterruptedException when it gave up because it was interrupted
   * @throws Exception whatever went wrong; the message should name what was read and what was found
   */
  void gather(Gathering gathering) throws Exception;

  /** Gives back what the plugin holds. Called once, never while {@link #gather} runs. */
  @Override
  default void close() {}
}
