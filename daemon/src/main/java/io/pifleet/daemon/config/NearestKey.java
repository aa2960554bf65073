package io.pifleet.daemon.config;

import java.util.Collection;
import java.util.Optional;

/** Finds the known key that somebody who mistyped one most likely meant. */
final class NearestKey {
  /** Keys are short; a longer one is no slip of the finger. */
  private static final int MAX_LENGTH = 80;

  private NearestKey() {}

  /** Empty when no known key is close: a third of its letters, and two at least, may differ. */
  static Optional<String> of(String typed, Collection<String> known) {
    String nearest = null;
    int fewestEdits = Integer.MAX_VALUE;
    for (String candidate : known) {
      int longest = Math.max(typed.length(), candidate.length());
      if (longest > MAX_LENGTH) {
        continue;
      }
      int edits = edits(typed, candidate);
      if (edits < fewestEdits && edits <= Math.max(2, longest / 3) && edits < longest) {
        fewestEdits = edits;
        nearest = candidate;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** Optimal string alignment distance: insert, delete, replace, swap of two neighbours. */
  private static int edits(String from, String to) {
    int[][] cost = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      cost[i][0] = i;
    }
    for (int j = 0; j <= to.length(); j++) {
      cost[0][j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      for (int j = 1; j <= to.length(); j++) {
        int replaced = cost[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
        cost[i][j] = swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
      }
    }
    return cost[from.length()][to.length()];
  }
}
