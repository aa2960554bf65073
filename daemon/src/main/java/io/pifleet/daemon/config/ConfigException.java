package io.pifleet.daemon.config;

import java.util.Collection;
import java.util.List;

/** A configuration that cannot be used, with everything that is wrong in it. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  /** More than a screen of problems has one cause that the first ones already show. */
  private static final int MOST_SHOWN = 40;

  private final transient List<ConfigProblem> problems;

  ConfigException(Collection<ConfigProblem> problems) {
    super(text(problems));
    this.problems = List.copyOf(problems);
  }

  /** At least one, ordered by file and line. */
  public List<ConfigProblem> problems() {
    return problems;
  }

  private static String text(Collection<ConfigProblem> problems) {
    StringBuilder text = new StringBuilder();
    int shown = 0;
    for (ConfigProblem problem : problems) {
      if (shown == MOST_SHOWN) {
        text.append("\n... and ").append(problems.size() - shown).append(" more");
        break;
      }
      text.append(shown++ == 0 ? "" : "\n").append(problem);
    }
    return text.toString();
  }
}
