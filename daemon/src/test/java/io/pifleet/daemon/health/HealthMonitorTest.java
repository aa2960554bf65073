package io.pifleet.daemon.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.linux.ServiceNotifier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class HealthMonitorTest {
  private final Recorder outside = new Recorder();
  private String status = "gathering";
  private String problem;

  @Test
  void feedsTheWatchdogOnlyWhileAllIsHealthy() {
    HealthMonitor monitor = monitor();
    monitor.look();
    assertEquals(1, outside.fed);

    problem = "the records thread has not moved for 90 s";
    monitor.look();
    monitor.look();
    assertEquals(1, outside.fed);

    problem = null;
    monitor.look();
    assertEquals(2, outside.fed);
  }

  @Test
  void takesAnExceptionForAProblem() {
    HealthMonitor monitor = monitor();
    monitor.check(
        "spool",
        () -> {
          throw new IllegalStateException("odd");
        });
    monitor.look();

    assertEquals(0, outside.fed);
    assertTrue(monitor.states().get(0).isHealthy());
    assertEquals("java.lang.IllegalStateException: odd", monitor.states().get(1).problem());
  }

  @Test
  void remembersSinceWhenACheckIsUnhealthy() {
    HealthMonitor monitor = monitor();
    problem = "stuck";
    monitor.look();
    Instant since = monitor.states().get(0).since();
    problem = "still stuck";
    monitor.look();

    HealthMonitor.State state = monitor.states().get(0);
    assertFalse(state.isHealthy());
    assertEquals(since, state.since());
    assertEquals("still stuck", state.problem());
  }

  @Test
  void pushesTheStatusWhenItChanges() {
    HealthMonitor monitor = monitor();
    monitor.look();
    monitor.look();
    status = "uploading";
    monitor.look();

    assertEquals(List.of("gathering", "uploading"), outside.statuses);
  }

  @Test
  void pushesTheStatusAgainAfterItCouldNotBeTold() {
    HealthMonitor monitor = monitor();
    outside.reachable = false;
    monitor.look();
    outside.reachable = true;
    monitor.look();

    assertEquals(List.of("gathering", "gathering"), outside.statuses);
  }

  @Test
  void runsOnAThreadOfItsOwnUntilItIsClosed() throws InterruptedException {
    CountDownLatch runs = new CountDownLatch(3);
    HealthMonitor monitor = new HealthMonitor(outside, () -> status, Duration.ofMillis(1));
    monitor.check(
        "thread",
        () -> {
          runs.countDown();
          return Thread.currentThread().getName().equals("health")
              ? Optional.empty()
              : Optional.of("wrong thread");
        });
    try (monitor) {
      monitor.start();
      assertTrue(runs.await(30, TimeUnit.SECONDS));
    }
    assertTrue(monitor.states().get(0).isHealthy());
    assertTrue(
        Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().equals("health")));
  }

  @Test
  void worksWithoutAServiceManager() {
    HealthMonitor monitor =
        new HealthMonitor(ServiceNotifier.fromEnvironment(Map.of()), () -> status);
    monitor.check("spool", Optional::empty);
    monitor.look();

    assertTrue(monitor.states().get(0).isHealthy());
  }

  private HealthMonitor monitor() {
    HealthMonitor monitor = new HealthMonitor(outside, () -> status, Duration.ofHours(1));
    monitor.check("records", () -> Optional.ofNullable(problem));
    return monitor;
  }

  private static final class Recorder implements HealthMonitor.Outside {
    private final List<String> statuses = new ArrayList<>();
    private boolean reachable = true;
    private int fed;

    @Override
    public boolean feedWatchdog() {
      fed++;
      return reachable;
    }

    @Override
    public boolean status(String text) {
      statuses.add(text);
      return reachable;
    }
  }
}
