package io.pifleet.agent.upload;

import java.util.List;
import java.util.Optional;

/** Where archives go. What is returned may differ from call to call; called by one thread. */
public interface Targets {
  /** The collectors that may be delivered to now, the preferred one first; possibly none. */
  List<Target> now();

  /** Why there is none, or not the one that people might expect. */
  Optional<String> problem();

  /** A receipt came in from this collector. */
  void delivered(String collectorId);
}
