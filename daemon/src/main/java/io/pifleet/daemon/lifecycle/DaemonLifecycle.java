package io.pifleet.daemon.lifecycle;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a daemon, and its reloads. SIGTERM and SIGINT stop it: the main thread, which waits in
 * {@link #awaitStop}, runs the stop actions once and returns the exit status. SIGHUP runs the
 * reload action on the thread {@code reload}.
 *
 * <pre>{@code
 * DaemonLifecycle lifecycle = new DaemonLifecycle();
 * lifecycle.install();
 * Spool spool = Spool.open(...);     lifecycle.onStop("spool", spool::close);
 * Uploader uploader = ...start();    lifecycle.onStop("upload", uploader::close);   // stops first
 * System.exit(lifecycle.awaitStop());
 * }</pre>
 *
 * <p><b>Design note:</b> signals are taken over rather than left to the JVM, whose shutdown hooks
 * run all at once and end in status 143. A hook is there as well, for a JVM that exits by other
 * means. Thread-safe.
 */
public final class DaemonLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(DaemonLifecycle.class);

  /** The whole stop, with every action; a service manager kills after 90 s, people after less. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  /** Something that may fail. */
  @FunctionalInterface
  public interface Action {
    /** Failures are logged. */
    void run() throws Exception;
  }

  private final StopSequence stopSequence;
  private final ReloadThread reload = new ReloadThread();
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final AtomicInteger exitStatus = new AtomicInteger();

  /** A stop takes 5 s at most. */
  public DaemonLifecycle() {
    this(STOP_LIMIT);
  }

  DaemonLifecycle(Duration stopLimit) {
    stopSequence = new StopSequence(stopLimit);
  }

  /**
   * Adds a stop action. The one added last runs first, as with try-with-resources: what was started
   * on top of something else stops before it.
   */
  public void onStop(String name, Action action) {
    stopSequence.add(name, action);
  }

  /** What SIGHUP does; replaces an earlier one. When it throws, the daemon goes on as it was. */
  public void onReload(Action action) {
    reload.action(action);
  }

  /**
   * Takes over SIGTERM, SIGINT and SIGHUP, and logs what kills a thread. To be called once per
   * process, before anything is started that has to be stopped.
   */
  public void install() {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> LOG.error("thread {} died", thread.getName(), failure));
    handle("TERM", () -> requestStop("SIGTERM"));
    handle("INT", () -> requestStop("SIGINT"));
    handle("HUP", reload::request);
    Thread hook =
        new Thread(
            () -> {
              requestStop("the JVM exits");
              stopSequence.run();
            },
            "stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private static void handle(String name, Runnable action) {
    try {
      SignalTrap.set(name, action);
    } catch (UnsupportedOperationException e) {
      LOG.warn("SIG{} cannot be handled: {}", name, e.getMessage());
    }
  }

  /** Ends {@link #awaitStop} with status 0; only the first reason is logged. */
  public void requestStop(String reason) {
    synchronized (stopRequested) {
      if (stopRequested.getCount() > 0) {
        LOG.info("stopping: {}", reason);
        stopRequested.countDown();
      }
    }
  }

  /** A part that the daemon cannot do without is lost: as {@link #requestStop}, with status 1. */
  public void fail(String reason) {
    exitStatus.set(1);
    requestStop(reason);
  }

  /**
   * Waits until a stop is requested, then stops everything.
   *
   * @return the exit status for {@link System#exit}, which has to be called: threads may be left
   */
  public int awaitStop() {
    try {
      stopRequested.await();
    } catch (InterruptedException e) {
      fail("the main thread was interrupted");
    }
    stopSequence.run();
    return exitStatus.get();
  }

  /** Whether a stop was requested: long work should end. */
  public boolean isStopping() {
    return stopRequested.getCount() == 0;
  }

  /** For work that has nothing to do until then; true when a stop was requested in that time. */
  public boolean awaitStop(Duration atMost) throws InterruptedException {
    return stopRequested.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  void requestReload() {
    reload.request();
  }
}
