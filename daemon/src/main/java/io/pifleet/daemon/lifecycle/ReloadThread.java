package io.pifleet.daemon.lifecycle;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the reload action, one at a time. Requests that come while it runs are one more run: it
 * would see what they are about. The thread is there only while there is work, and a reload that
 * hangs keeps nothing from stopping.
 */
final class ReloadThread {
  private static final Logger LOG = LoggerFactory.getLogger(ReloadThread.class);

  private DaemonLifecycle.Action action;
  private boolean running;
  private boolean again;

  synchronized void action(DaemonLifecycle.Action action) {
    this.action = action;
  }

  synchronized void request() {
    if (action == null) {
      LOG.info("SIGHUP: nothing to reload");
    } else if (running) {
      again = true;
    } else {
      running = true;
      Thread thread = new Thread(this::work, "reload");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void work() {
    DaemonLifecycle.Action next = next(true);
    while (next != null) {
      LOG.info("reloading the configuration");
      try {
        next.run();
      } catch (Exception e) {
        LOG.error("reload failed, everything goes on as before: {}", e.getMessage());
        LOG.debug("reload failed", e);
      }
      next = next(false);
    }
  }

  private synchronized DaemonLifecycle.Action next(boolean isFirst) {
    if (isFirst || again) {
      again = false;
      return action;
    }
    running = false;
    return null;
  }
}
