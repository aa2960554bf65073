package io.pifleet.agent.spool;

/** What happens when the spool has reached one of its limits. Names are the config's values. */
public enum WhenFull {
  /** The oldest sealed archive is given up for new data. With none left, as DROP_NEWEST. */
  DROP_OLDEST,
  /** New records are refused and counted as gaps; files wait where they are. */
  DROP_NEWEST,
  /**
   * As DROP_NEWEST, until an upload has made room for a whole segment again: one long gap instead
   * of many short ones.
   */
  PAUSE
}
