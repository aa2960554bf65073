package io.pifleet.agent.plugin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs each plugin on its own interval, under its own timeout, and away from the others: never two
 * runs of one plugin at once, a run that would be late is left out and counted, one that fails is
 * counted and reported, one that passes its timeout is interrupted, and one that cannot be
 * interrupted costs its plugin and a thread, and nothing else.
 *
 * <p>Scheduling follows the monotonic clock, stamps follow the wall clock. Threads: {@code plugins}
 * keeps the time, {@code plugins-N} run plugins ({@link WorkerPool}). All methods may be called by
 * any thread.
 */
public final class PluginScheduler implements AutoCloseable {

  /** How long a run may take to end after it was interrupted. */
  public static final Duration GRACE = Duration.ofSeconds(5);

  /** How long {@link #close} waits for runs to end: less than the daemon has for its whole stop. */
  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(3);

  private static final Logger LOG = LoggerFactory.getLogger(PluginScheduler.class);

  private final RecordSink recordSink;
  private final FileSink fileSink;
  private final PluginEvents events;
  private final LongSupplier wallClockNanos;
  private final long graceNanos;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition attention = lock.newCondition();
  private final WorkerPool pool = new WorkerPool(lock, this::execute);
  private final Thread timekeeper = new Thread(this::keepTime, "plugins");
  private final Map<String, ScheduledPlugin> plugins = new TreeMap<>();

  /** Removed, but not yet gone. */
  private final List<ScheduledPlugin> leaving = new ArrayList<>();

  private boolean closing;

  /**
   * @param wallClockNanos nanoseconds since 1970-01-01T00:00:00Z
   */
  public PluginScheduler(
      RecordSink recordSink, FileSink fileSink, PluginEvents events, LongSupplier wallClockNanos) {
    this(recordSink, fileSink, events, wallClockNanos, GRACE);
  }

  PluginScheduler(
      RecordSink recordSink,
      FileSink fileSink,
      PluginEvents events,
      LongSupplier wallClockNanos,
      Duration grace) {
    this.recordSink = recordSink;
    this.fileSink = fileSink;
    this.events = events;
    this.wallClockNanos = wallClockNanos;
    this.graceNanos = grace.toNanos();
    timekeeper.setDaemon(true);
  }

  /** Begins to run these plugins. Once. */
  public void start(List<PluginSpec> specs) {
    reconfigure(specs);
    timekeeper.start();
  }

  /**
   * Runs these plugins from now on. Those whose spec is equal to what they run with go on
   * undisturbed; the others are interrupted and closed, and begin anew where there is a new spec.
   */
  public void reconfigure(List<PluginSpec> specs) {
    lock.lock();
    try {
      long now = System.nanoTime();
      Map<String, PluginSpec> wanted = new TreeMap<>();
      for (PluginSpec spec : specs) {
        wanted.put(spec.name(), spec);
      }
      for (ScheduledPlugin running : List.copyOf(plugins.values())) {
        String name = running.spec().name();
        if (running.spec().equals(wanted.get(name))) {
          wanted.remove(name);
        } else {
          remove(running, now);
        }
      }
      for (PluginSpec spec : wanted.values()) {
        plugins.put(spec.name(), new ScheduledPlugin(spec, leaving(spec.name()), now));
      }
      attention.signal();
    } finally {
      lock.unlock();
    }
  }

  /** What is known of each plugin, ordered by name. */
  public List<PluginStatus> statuses() {
    lock.lock();
    try {
      List<PluginStatus> statuses = new ArrayList<>(plugins.size());
      for (ScheduledPlugin plugin : plugins.values()) {
        statuses.add(plugin.status());
      }
      return statuses;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Why no plugin can run any more; empty when all is well. A single plugin that fails is no such
   * reason.
   */
  public Optional<String> problem() {
    lock.lock();
    try {
      if (!timekeeper.isAlive()) {
        return Optional.of("the plugin scheduler does not run");
      }
      return pool.isExhausted()
          ? Optional.of("all " + WorkerPool.MAX_THREADS + " plugin threads hang")
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Interrupts what runs, closes the plugins, and waits a moment for that. More than once does no
   * harm.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      long now = System.nanoTime();
      for (ScheduledPlugin plugin : List.copyOf(plugins.values())) {
        remove(plugin, now);
      }
      attention.signal();
      pool.stop(CLOSE_NANOS);
      for (ScheduledPlugin plugin : leaving) {
        if (plugin.state() != ScheduledPlugin.State.GONE) {
          LOG.warn("plugin {} did not end in time", plugin.spec().name());
        }
      }
      leaving.clear();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private ScheduledPlugin leaving(String name) {
    for (ScheduledPlugin plugin : leaving) {
      if (plugin.spec().name().equals(name)) {
        return plugin;
      }
    }
    return null;
  }

  private void remove(ScheduledPlugin plugin, long now) {
    plugins.remove(plugin.spec().name());
    if (plugin.remove(now, graceNanos)) {
      pool.submit(plugin);
    }
    if (plugin.state() != ScheduledPlugin.State.GONE) {
      leaving.add(plugin);
    }
  }

  private void keepTime() {
    Notices notices = new Notices();
    lock.lock();
    try {
      while (!closing) {
        long idle = Long.MAX_VALUE;
        long now = System.nanoTime();
        for (ScheduledPlugin plugin : plugins.values()) {
          idle = Math.min(idle, attend(plugin, now, notices));
        }
        for (ScheduledPlugin plugin : leaving) {
          idle = Math.min(idle, attend(plugin, now, notices));
        }
        if (!notices.isEmpty()) {
          deliver(notices);
        } else if (idle > 0) {
          attention.awaitNanos(idle);
        }
      }
    } catch (InterruptedException e) {
      LOG.error(
          "the thread that keeps the plugins' time was interrupted: no plugin runs any more", e);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Does what is to be done for a plugin now; returns nanoseconds until there is something again.
   */
  private long attend(ScheduledPlugin plugin, long now, Notices notices) {
    if (plugin.queueIfDue(now, wallClockNanos.getAsLong(), notices)) {
      pool.submit(plugin);
    }
    if (plugin.deadlinePassed(now)) {
      if (plugin.state() == ScheduledPlugin.State.RUNNING) {
        plugin.timeOut(graceNanos, notices);
      } else {
        pool.writeOff(plugin.worker());
        plugin.hang(notices);
      }
    }
    return plugin.idleNanos(now);
  }

  /** On a worker: one run from begin to end. */
  private void execute(ScheduledPlugin plugin) {
    Notices notices = new Notices();
    PluginRun run =
        new PluginRun(plugin.spec().name(), wallClockNanos.getAsLong(), recordSink, fileSink);
    boolean closePlugin;
    lock.lock();
    try {
      closePlugin = plugin.isClosing();
      plugin.begin(run, Thread.currentThread(), System.nanoTime());
      attention.signal(); // the timeout may be what comes next
    } finally {
      lock.unlock();
    }
    Throwable error = null;
    try {
      plugin.work(run, closePlugin);
    } catch (Throwable e) { // also errors such as a class that is missing: the worker lives on
      error = e;
    }
    lock.lock();
    try {
      if (plugin.finish(error, System.nanoTime(), notices)) {
        pool.submit(plugin);
      }
      if (closePlugin && error != null) {
        notices.warn("plugin " + plugin.spec().name() + " was not closed well: " + error);
      }
      if (plugin.state() == ScheduledPlugin.State.GONE) {
        leaving.remove(plugin);
      }
      Thread.interrupted(); // it was meant for this run: under the lock nobody interrupts the next
      // one
      deliver(notices);
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock, which is not held while others are told. */
  private void deliver(Notices notices) {
    lock.unlock();
    try {
      notices.deliver(events);
    } finally {
      lock.lock();
    }
  }
}
