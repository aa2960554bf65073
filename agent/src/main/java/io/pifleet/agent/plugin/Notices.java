package io.pifleet.agent.plugin;

import io.pifleet.agent.plugin.PluginEvents.Loss;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be told about plugins: collected under the scheduler's lock, told without it, because
 * neither the journal nor the spool may hold the scheduler up. Belongs to one thread.
 */
final class Notices {
  private static final Logger LOG = LoggerFactory.getLogger(PluginScheduler.class);

  private record Lost(String plugin, long fromNanos, long toNanos, Loss loss) {}

  private record Line(boolean warning, String text) {}

  private final List<Lost> losses = new ArrayList<>(0);
  private final List<Line> lines = new ArrayList<>(0);

  void lost(PluginSpec spec, long fromNanos, Loss loss) {
    losses.add(new Lost(spec.name(), fromNanos, fromNanos + spec.interval().toNanos(), loss));
  }

  void info(String text) {
    lines.add(new Line(false, text));
  }

  void warn(String text) {
    lines.add(new Line(true, text));
  }

  boolean isEmpty() {
    return losses.isEmpty() && lines.isEmpty();
  }

  /** Tells, and forgets. */
  void deliver(PluginEvents events) {
    for (Line line : lines) {
      if (line.warning) {
        LOG.warn("{}", line.text);
      } else {
        LOG.info("{}", line.text);
      }
    }
    for (Lost lost : losses) {
      try {
        events.lost(lost.plugin, lost.fromNanos, lost.toNanos, lost.loss);
      } catch (RuntimeException e) {
        LOG.error("gap of plugin {} was not taken", lost.plugin, e);
      }
    }
    lines.clear();
    losses.clear();
  }
}
