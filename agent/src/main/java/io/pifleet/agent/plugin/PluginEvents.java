package io.pifleet.agent.plugin;

/**
 * What the rest of the agent has to know about plugins. Called by the scheduler's threads; must not
 * block.
 */
public interface PluginEvents {

  /** Why records of a plugin are missing. */
  enum Loss {
    /** A run passed its timeout, or a run could not start because an earlier one still hangs. */
    TIMEOUT("timeout"),
    /** A run ended with an error. */
    FAILURE("failure");

    private final String reason;

    Loss(String reason) {
      this.reason = reason;
    }

    /** As it stands in a manifest: protocol/README.md, {@code gaps}. */
    public String reason() {
      return reason;
    }
  }

  /**
   * What the plugin should have gathered in this interval is missing, wholly or in part. Called
   * once for each run that was lost; adjoining intervals of the same plugin and loss are one gap,
   * for the receiver to merge.
   *
   * @param fromNanos wall clock at which the run was due, nanoseconds since 1970-01-01T00:00:00Z
   * @param toNanos one plugin interval later
   */
  void lost(String plugin, long fromNanos, long toNanos, Loss loss);
}
