package io.pifleet.agent.spool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes one gap of adjoining ones: a plugin that is refused for a day is one line in a manifest and
 * not thousands. Keeps the last gap of a few sources. Not thread-safe.
 */
final class GapMerger {
  private static final int MAX_OPEN = 64;

  /** Takes gaps that nothing will be added to. */
  interface Outlet {
    void gap(Gap gap) throws IOException;
  }

  private final Outlet outlet;
  private final List<Gap> open = new ArrayList<>();

  GapMerger(Outlet outlet) {
    this.outlet = outlet;
  }

  /**
   * @return whether it became part of an earlier one
   */
  boolean add(Gap gap) throws IOException {
    for (int i = open.size() - 1; i >= 0; i--) {
      if (open.get(i).joins(gap)) {
        open.set(i, open.get(i).with(gap));
        return true;
      }
    }
    if (open.size() == MAX_OPEN) {
      outlet.gap(open.remove(0));
    }
    open.add(gap);
    return false;
  }

  /** Hands out what is left, oldest first. */
  void flush() throws IOException {
    for (Gap gap : open) {
      outlet.gap(gap);
    }
    open.clear();
  }
}
