package io.pifleet.daemon.config;

import java.nio.file.Path;
import java.util.Comparator;

/**
 * One thing that is wrong in a configuration file.
 *
 * @param file the file it stands in: the one that was loaded, or one that it includes
 * @param line counted from 1; -1 when the problem has no line (the file is missing)
 * @param key the full key, {@code pifleet.period}; empty when the file as a whole is meant
 * @param message what was found and what was wanted, a sentence that starts with the key
 */
public record ConfigProblem(Path file, int line, String key, String message)
    implements Comparable<ConfigProblem> {
  private static final Comparator<ConfigProblem> ORDER =
      Comparator.comparing(ConfigProblem::file)
          .thenComparingInt(ConfigProblem::line)
          .thenComparing(ConfigProblem::key)
          .thenComparing(ConfigProblem::message);

  @Override
  public int compareTo(ConfigProblem other) {
    return ORDER.compare(this, other);
  }

  /** {@code /etc/pifleet/agent.conf:12: pifleet.period is "monthly"; wanted: iso-week}. */
  @Override
  public String toString() {
    return file + (line > 0 ? ":" + line : "") + ": " + message;
  }
}
