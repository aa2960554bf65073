package io.pifleet.daemon.health;

import io.pifleet.linux.ServiceNotifier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs named checks on the thread {@code health} and feeds the service manager's watchdog only
 * while all of them are healthy; pushes the status line when it changes; logs changes of state.
 *
 * <p>A check that stays unhealthy, or hangs, gets the daemon restarted. So it asks what a restart
 * can mend (has the records thread moved since the last time?), not what it cannot (is the disk
 * full?).
 *
 * <p>Checks are added before {@link #start}; {@link #states} may be called from any thread.
 */
public final class HealthMonitor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthMonitor.class);

  /** Where nobody watches, problems are still logged. */
  private static final Duration UNWATCHED_INTERVAL = Duration.ofSeconds(30);

  private static final long STOP_MILLIS = 1_000;

  /** What is told to the outside; a seam, since the real one needs a service manager. */
  interface Outside {
    boolean feedWatchdog();

    boolean status(String text);
  }

  /**
   * How a check came out last.
   *
   * @param since when it became so
   * @param problem null while healthy
   */
  public record State(String name, Instant since, String problem) {
    /** Whether the last run found nothing. */
    public boolean isHealthy() {
      return problem == null;
    }
  }

  private record Check(String name, Supplier<Optional<String>> problem) {}

  private final Outside outside;
  private final Supplier<String> statusLine;
  private final long intervalMillis;
  private final List<Check> checks = new ArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread = new Thread(this::watch, "health");
  private volatile List<State> states = List.of();
  private String lastStatus;
  private boolean told = true;

  /**
   * @param statusLine what {@code systemctl status} shows in one line; called by the thread {@code
   *     health}
   */
  public HealthMonitor(ServiceNotifier notifier, Supplier<String> statusLine) {
    this(
        new Outside() {
          @Override
          public boolean feedWatchdog() {
            return notifier.watchdogInterval().isEmpty() || notifier.watchdog();
          }

          @Override
          public boolean status(String text) {
            return notifier.status(text);
          }
        },
        statusLine,
        notifier.watchdogInterval().map(HealthMonitor::half).orElse(UNWATCHED_INTERVAL));
  }

  HealthMonitor(Outside outside, Supplier<String> statusLine, Duration interval) {
    this.outside = outside;
    this.statusLine = statusLine;
    this.intervalMillis = Math.max(1, interval.toMillis());
    thread.setDaemon(true);
  }

  /** sd_watchdog_enabled(3) recommends half of the interval; also bounds the age of the status. */
  private static Duration half(Duration watchdogInterval) {
    Duration half = watchdogInterval.dividedBy(2);
    return half.compareTo(UNWATCHED_INTERVAL) < 0 ? half : UNWATCHED_INTERVAL;
  }

  /**
   * Adds a check.
   *
   * @param problem empty while healthy; an exception counts as a problem; must not wait
   */
  public void check(String name, Supplier<Optional<String>> problem) {
    checks.add(new Check(name, problem));
  }

  /** Runs all checks at once, and from then on at half of the watchdog's interval. */
  public void start() {
    thread.start();
  }

  /** The last results in the order of the checks; empty before the first run. */
  public List<State> states() {
    return states;
  }

  private void watch() {
    try {
      do {
        look();
      } while (!closing.await(intervalMillis, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      LOG.warn("health checks end: interrupted");
    }
  }

  /** One round; package-private for tests, which do not wait for the clock. */
  void look() {
    List<State> before = states;
    List<State> now = new ArrayList<>(checks.size());
    boolean healthy = true;
    for (int i = 0; i < checks.size(); i++) {
      State last = i < before.size() ? before.get(i) : null;
      State state = run(checks.get(i), last);
      healthy &= state.isHealthy();
      now.add(state);
    }
    states = List.copyOf(now);
    boolean heard = !healthy || outside.feedWatchdog();
    heard &= pushStatus();
    if (told && !heard) {
      LOG.warn("the service manager cannot be told how this daemon does");
    }
    told = heard;
  }

  private static State run(Check check, State last) {
    String problem;
    try {
      problem = check.problem().get().orElse(null);
    } catch (RuntimeException e) {
      problem = e.toString();
    }
    boolean wasHealthy = last == null || last.isHealthy();
    boolean isHealthy = problem == null;
    if (last != null && wasHealthy == isHealthy) {
      return new State(check.name(), last.since(), problem);
    }
    if (!isHealthy) {
      LOG.error("{} is unhealthy: {}", check.name(), problem);
    } else if (!wasHealthy) {
      LOG.info("{} is healthy again", check.name());
    }
    return new State(check.name(), Instant.now(), problem);
  }

  private boolean pushStatus() {
    String status;
    try {
      status = statusLine.get();
    } catch (RuntimeException e) {
      status = "status unknown: " + e;
    }
    if (status.equals(lastStatus)) {
      return true;
    }
    boolean pushed = outside.status(status);
    lastStatus = pushed ? status : null;
    return pushed;
  }

  /** Ends the checks; the watchdog is no longer fed. */
  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
