package io.pifleet.agent.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.pifleet.agent.plugin.PluginEvents.Loss;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PluginSchedulerTest {
  private static final Duration FAST = Duration.ofMillis(5);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
  private final List<String> losses = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong wallClock = new AtomicLong(1000);
  private final CountDownLatch release = new CountDownLatch(1);
  private final PluginScheduler scheduler =
      new PluginScheduler(
          this::accept,
          null,
          (plugin, from, to, loss) ->
              losses.add(plugin + " " + from + " " + to + " " + loss.reason()),
          wallClock::get,
          Duration.ofMillis(20));

  @AfterEach
  void closeScheduler() {
    release.countDown();
    scheduler.close();
  }

  private boolean accept(String plugin, byte[] bytes, int offset, int length, int records) {
    lines.add(plugin + ": " + new String(bytes, offset, length, StandardCharsets.UTF_8));
    return !plugin.equals("refused");
  }

  /** Equal to another one of the same name, so that a reload sees no change. */
  private record Recipe(String name, Plugin plugin) implements PluginRecipe {
    @Override
    public Plugin create() {
      return plugin;
    }
  }

  private static PluginSpec spec(String name, Plugin plugin) {
    return spec(name, LONG, new Recipe(name, plugin));
  }

  private static PluginSpec spec(String name, Duration timeout, PluginRecipe recipe) {
    return new PluginSpec(name, "test", true, FAST, timeout, recipe);
  }

  private static void write(Gathering gathering) {
    gathering.lines().line("m").field("f", 1L).end(gathering.stampNanos());
  }

  private PluginStatus status(String name) {
    for (PluginStatus status : scheduler.statuses()) {
      if (status.name().equals(name)) {
        return status;
      }
    }
    return fail("no plugin " + name);
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long start = System.nanoTime();
    while (!condition.call()) {
      if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(20)) {
        fail("not within 20 s: " + what);
      }
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  /** A run that no interrupt ends. */
  private void hang() {
    boolean released = false;
    while (!released) {
      try {
        released = release.await(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        // goes on: that is the point
      }
    }
  }

  @Test
  void runsEachPluginAgainAndAgain() throws Exception {
    scheduler.start(
        List.of(spec("a", PluginSchedulerTest::write), spec("b", PluginSchedulerTest::write)));
    await("3 records of each", () -> status("a").records() >= 3 && status("b").records() >= 3);
    assertTrue(lines.contains("a: m f=1i 1000\n"), lines.toString());
    assertEquals(0, status("a").failures());
    assertTrue(losses.isEmpty(), losses.toString());
    assertTrue(scheduler.problem().isEmpty());
  }

  @Test
  void countsAFailureAndKeepsWhatWasWrittenBefore() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    scheduler.start(
        List.of(
            spec(
                "bad",
                gathering -> {
                  write(gathering);
                  if (runs.incrementAndGet() <= 2) {
                    throw new IOException("sensor " + runs + " is gone");
                  }
                })));
    await("success after failures", () -> status("bad").runs() >= 4);
    assertEquals(2, status("bad").failures());
    assertEquals("sensor 2 is gone", status("bad").lastError());
    assertEquals(1000, status("bad").lastErrorNanos());
    assertTrue(status("bad").records() >= 4);
    assertEquals(List.of("bad 1000 5001000 failure", "bad 1000 5001000 failure"), losses);
  }

  @Test
  void livesOnAfterAnError() throws Exception {
    scheduler.start(
        List.of(
            spec(
                "broken",
                gathering -> {
                  throw new NoClassDefFoundError("x/Y");
                }),
            spec("good", PluginSchedulerTest::write)));
    await("errors", () -> status("broken").failures() >= 3 && status("good").records() >= 3);
    assertEquals("java.lang.NoClassDefFoundError: x/Y", status("broken").lastError());
  }

  @Test
  void countsRecordsThatTheSinkRefused() throws Exception {
    scheduler.start(List.of(spec("refused", PluginSchedulerTest::write)));
    await("refusals", () -> status("refused").refusedRecords() >= 2);
    assertEquals(0, status("refused").records());
  }

  @Test
  void leavesOutRunsThatWouldBeLate() throws Exception {
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    scheduler.start(
        List.of(
            spec(
                "slow",
                gathering -> {
                  most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                  await("two runs are late", () -> status("slow").lateRuns() >= 2);
                  atOnce.decrementAndGet();
                })));
    await("two runs", () -> status("slow").runs() >= 2);
    assertEquals(1, most.get(), "runs at once");
  }

  @Test
  void interruptsARunThatPassesItsTimeoutAndReportsTheGap() throws Exception {
    AtomicInteger interrupted = new AtomicInteger();
    Plugin plugin =
        gathering -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            interrupted.incrementAndGet();
            write(gathering); // what it had until then
            throw e;
          }
        };
    scheduler.start(List.of(spec("slow", Duration.ofMillis(20), new Recipe("slow", plugin))));
    await("timeouts", () -> status("slow").timeouts() >= 2 && interrupted.get() >= 2);
    assertEquals("no end after 0.02 s", status("slow").lastError());
    assertEquals("slow 1000 5001000 " + Loss.TIMEOUT.reason(), losses.get(0));
    assertEquals(0, status("slow").failures());
    assertTrue(lines.contains("slow: m f=1i 1000\n"), lines.toString());
  }

  @Test
  void doesNotInterruptTheRunAfterTheOneThatTimedOut() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    AtomicInteger flagged = new AtomicInteger();
    Plugin slow =
        gathering -> {
          if (Thread.currentThread().isInterrupted()) {
            flagged.incrementAndGet();
          }
          runs.incrementAndGet();
          long start = System.nanoTime();
          while (!Thread.currentThread().isInterrupted() && System.nanoTime() - start < 10e9) {
            Thread.onSpinWait();
          }
        };
    scheduler.start(List.of(spec("spin", Duration.ofMillis(2), new Recipe("spin", slow))));
    await("timeouts", () -> runs.get() >= 20);
    assertEquals(0, flagged.get());
  }

  @Test
  void replacesAWorkerThatHangsAndGoesOnWithTheOthers() throws Exception {
    AtomicInteger run = new AtomicInteger();
    Plugin hanging =
        gathering -> {
          int number = run.incrementAndGet();
          hang();
          gathering.lines().line("run").field("n", number).end(1);
        };
    scheduler.start(
        List.of(
            spec("hung", Duration.ofMillis(5), new Recipe("hung", hanging)),
            spec("good", PluginSchedulerTest::write)));
    await("hang", () -> status("hung").state() == PluginStatus.State.HANGING);
    long before = status("good").records();
    await("others run", () -> status("good").records() >= before + 3);
    await("gaps while it hangs", () -> losses.size() >= 4);
    assertEquals(1, status("hung").timeouts());
    assertTrue(status("hung").lateRuns() >= 2);
    assertTrue(scheduler.problem().isEmpty());
    release.countDown();
    await("it works again", () -> lines.contains("hung: run n=3i 1\n"));
    assertFalse(lines.contains("hung: run n=1i 1\n"), "a record from the run that was given up");
  }

  @Test
  void turnsAPluginOffThatHangsTimeAndAgain() throws Exception {
    Plugin hanging =
        gathering -> await("written off", () -> status("h").state() == PluginStatus.State.HANGING);
    Plugin stubborn =
        gathering -> {
          boolean ended = false;
          while (!ended) {
            try {
              hanging.gather(gathering);
              ended = true;
            } catch (InterruptedException e) {
              // goes on
            }
          }
        };
    scheduler.start(List.of(spec("h", Duration.ofMillis(5), new Recipe("h", stubborn))));
    await("off", () -> status("h").state() == PluginStatus.State.OFF);
    assertEquals(ScheduledPlugin.MAX_HANGS, status("h").timeouts());
    assertEquals("hung 3 times", status("h").detail());
  }

  @Test
  void saysSoWhenAllThreadsHangAndRecovers() throws Exception {
    List<PluginSpec> specs = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      specs.add(spec("h" + i, Duration.ofMillis(5), new Recipe("h" + i, gathering -> hang())));
    }
    scheduler.start(specs);
    await("exhaustion", () -> scheduler.problem().isPresent());
    assertEquals("all 8 plugin threads hang", scheduler.problem().get());
    release.countDown();
    await("recovery", () -> scheduler.problem().isEmpty() && status("h9").runs() >= 2);
  }

  @Test
  void showsAPluginThatHasNothingToWatchAsOff() throws Exception {
    PluginRecipe recipe =
        () -> {
          throw new PluginOffException("no thermal zone");
        };
    scheduler.start(List.of(spec("temp", LONG, recipe)));
    await("off", () -> status("temp").state() == PluginStatus.State.OFF);
    assertEquals("no thermal zone", status("temp").detail());
    assertEquals(0, status("temp").runs());
    assertTrue(losses.isEmpty());
  }

  @Test
  void listsADisabledPluginAndNeverRunsIt() throws Exception {
    PluginSpec disabled =
        new PluginSpec(
            "off", "test", false, FAST, LONG, new Recipe("off", PluginSchedulerTest::write));
    scheduler.start(List.of(disabled, spec("on", PluginSchedulerTest::write)));
    await("the other runs", () -> status("on").records() >= 3);
    assertEquals(PluginStatus.State.OFF, status("off").state());
    assertEquals("enabled = false", status("off").detail());
    assertEquals(0, status("off").runs());
  }

  @Test
  void reconfiguresWithoutTouchingWhatIsUnchanged() throws Exception {
    AtomicInteger closed = new AtomicInteger();
    Plugin kept = new ClosedCounter(closed);
    Plugin changed = new ClosedCounter(closed);
    scheduler.start(List.of(spec("kept", kept), spec("changed", changed), spec("gone", changed)));
    await(
        "all run",
        () ->
            status("kept").runs() >= 1
                && status("changed").runs() >= 1
                && status("gone").runs() >= 1);
    long keptRuns = status("kept").runs();
    Plugin replacement = gathering -> gathering.lines().line("new").field("f", 1L).end(1);
    scheduler.reconfigure(List.of(spec("kept", kept), spec("changed", replacement)));
    await("the new one runs", () -> lines.contains("changed: new f=1i 1\n"));
    await("the old ones are closed", () -> closed.get() == 2);
    assertTrue(status("kept").runs() >= keptRuns);
    assertEquals(
        List.of("changed", "kept"), scheduler.statuses().stream().map(PluginStatus::name).toList());
  }

  @Test
  void doesNotStartAChangedPluginBeforeTheOldOneEnded() throws Exception {
    AtomicInteger atOnce = new AtomicInteger();
    CountDownLatch running = new CountDownLatch(1);
    Plugin old =
        gathering -> {
          atOnce.incrementAndGet();
          running.countDown();
          hang();
          atOnce.decrementAndGet();
        };
    AtomicInteger seen = new AtomicInteger(-1);
    scheduler.start(List.of(spec("p", old)));
    assertTrue(running.await(10, TimeUnit.SECONDS));
    scheduler.reconfigure(List.of(spec("p", gathering -> seen.compareAndSet(-1, atOnce.get()))));
    await("it waits", () -> status("p").lateRuns() >= 3);
    assertEquals(-1, seen.get());
    release.countDown();
    await("it runs", () -> seen.get() == 0);
  }

  @Test
  void closesPluginsAndEndsItsThreads() throws Exception {
    AtomicInteger closed = new AtomicInteger();
    CountDownLatch running = new CountDownLatch(1);
    Plugin busy =
        new Plugin() {
          @Override
          public void gather(Gathering gathering) throws InterruptedException {
            running.countDown();
            release.await();
          }

          @Override
          public void close() {
            closed.incrementAndGet();
          }
        };
    scheduler.start(List.of(spec("idle", new ClosedCounter(closed)), spec("busy", busy)));
    assertTrue(running.await(10, TimeUnit.SECONDS));
    await("the idle one ran", () -> status("idle").runs() >= 1);
    List<Thread> threads = pluginThreads();
    assertFalse(threads.isEmpty());
    scheduler.close();
    assertEquals(2, closed.get());
    for (Thread thread : threads) {
      thread.join(10_000);
      assertFalse(thread.isAlive(), thread.getName());
    }
  }

  @Test
  void closesInBoundedTimeWhateverHangs() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    scheduler.start(
        List.of(
            spec(
                "hung",
                gathering -> {
                  running.countDown();
                  hang();
                })));
    assertTrue(running.await(10, TimeUnit.SECONDS));
    scheduler.close(); // returns, although the run does not end
    assertEquals(1, release.getCount());
  }

  private static List<Thread> pluginThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("plugins"))
        .toList();
  }

  private static final class ClosedCounter implements Plugin {
    private final AtomicInteger closed;

    ClosedCounter(AtomicInteger closed) {
      this.closed = closed;
    }

    @Override
    public void gather(Gathering gathering) {
      write(gathering);
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }
}
