package io.pifleet.daemon.control;

import java.time.Duration;

/**
 * What clients may cost a daemon.
 *
 * @param clients served at once; each running verb has a thread
 * @param request for the whole request to arrive
 * @param write for a client to take a line
 * @param signOfLife between empty lines to a client whose verb runs; the client gives up after
 *     three
 */
record ControlLimits(int clients, Duration request, Duration write, Duration signOfLife) {
  static final ControlLimits DEFAULT =
      new ControlLimits(8, Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(5));
}
