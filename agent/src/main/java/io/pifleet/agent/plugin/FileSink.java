package io.pifleet.agent.plugin;

/**
 * Where finished files go, and the memory of which ones went already. Called by several worker
 * threads at once, by one at a time for each plugin. Never blocks for longer than a look-up.
 */
public interface FileSink {

  /** What is known of a change. */
  enum Answer {
    /**
     * It stands in the open part or in an archive, or must never be taken, such as the spool's own
     * files.
     */
    TAKEN,
    /** It was offered and waits for its turn. */
    QUEUED,
    /** Nothing is known of it: offer it when the file is at rest. */
    NEW
  }

  /** What is known of this change. Also marks it as seen, see {@link #scanned}. */
  Answer ask(FileChange change);

  /**
   * Queues the file. False when the (bounded) queue is full: it will be offered again at the next
   * scan.
   */
  boolean offer(FileChange change);

  /**
   * A whole scan of this plugin ended without errors. Every file that it saw was asked about since
   * the previous call for this plugin, settled or not; knowledge of changes that were not may be
   * forgotten, at once or later.
   *
   * <p><b>Design note:</b> a mark per known change in the sink, and no set of what was seen handed
   * over, because a directory may hold 100,000 files. Forgetting later is kinder than at once: an
   * unplugged disk comes back.
   */
  void scanned(String plugin);
}
