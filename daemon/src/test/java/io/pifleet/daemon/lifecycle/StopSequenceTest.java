package io.pifleet.daemon.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class StopSequenceTest {
  private final List<String> stopped = new CopyOnWriteArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);

  @AfterEach
  void release() {
    released.countDown();
  }

  @Test
  void stopsInReverseOrderOnThreadsThatAreNamed() {
    StopSequence sequence = new StopSequence(Duration.ofSeconds(30));
    sequence.add("spool", () -> stopped.add(Thread.currentThread().getName()));
    sequence.add("upload", () -> stopped.add(Thread.currentThread().getName()));
    sequence.run();

    assertEquals(List.of("stop-upload", "stop-spool"), stopped);
  }

  @Test
  void runsEachActionOnce() throws InterruptedException {
    StopSequence sequence = new StopSequence(Duration.ofSeconds(30));
    sequence.add("spool", () -> stopped.add("spool"));
    Thread other = new Thread(sequence::run, "other");
    other.start();
    sequence.run();
    other.join();
    sequence.run();

    assertEquals(List.of("spool"), stopped);
  }

  @Test
  void aSecondCallerWaitsForTheFirst() throws InterruptedException {
    StopSequence sequence = new StopSequence(Duration.ofSeconds(30));
    CountDownLatch stopping = new CountDownLatch(1);
    sequence.add(
        "spool",
        () -> {
          stopping.countDown();
          assertTrue(released.await(30, TimeUnit.SECONDS));
          stopped.add("spool");
        });
    Thread first = new Thread(sequence::run, "first");
    first.start();
    assertTrue(stopping.await(30, TimeUnit.SECONDS));
    Thread second =
        new Thread(
            () -> {
              sequence.run();
              stopped.add("second caller went on");
            },
            "second");
    second.start();
    released.countDown();
    first.join();
    second.join();

    assertEquals(List.of("spool", "second caller went on"), stopped);
  }

  @Test
  void goesOnAfterAnActionThatFailsAndOneThatHangs() {
    StopSequence sequence = new StopSequence(Duration.ofMillis(200));
    sequence.add("spool", () -> stopped.add("spool"));
    sequence.add(
        "upload",
        () -> {
          throw new IllegalStateException("odd");
        });
    sequence.add("plugins", () -> assertTrue(released.await(60, TimeUnit.SECONDS)));
    sequence.run();

    assertEquals(List.of("spool"), stopped);
  }

  @Test
  void reportsTheStatusOfTheStop() {
    DaemonLifecycle clean = new DaemonLifecycle();
    clean.onStop("spool", () -> stopped.add("spool"));
    clean.requestStop("test");
    assertEquals(0, clean.awaitStop());
    assertEquals(List.of("spool"), stopped);

    DaemonLifecycle failed = new DaemonLifecycle();
    assertFalse(failed.isStopping());
    failed.fail("the listener is lost");
    assertTrue(failed.isStopping());
    assertEquals(1, failed.awaitStop());
  }

  @Test
  void makesOneReloadOfThoseRequestedWhileOneRuns() throws InterruptedException {
    DaemonLifecycle lifecycle = new DaemonLifecycle();
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch firstRuns = new CountDownLatch(1);
    CountDownLatch secondRan = new CountDownLatch(2);
    lifecycle.onReload(
        () -> {
          runs.incrementAndGet();
          firstRuns.countDown();
          assertTrue(released.await(30, TimeUnit.SECONDS));
          secondRan.countDown();
          throw new IllegalStateException("a reload that fails keeps the next one from nothing");
        });
    lifecycle.requestReload();
    assertTrue(firstRuns.await(30, TimeUnit.SECONDS));
    lifecycle.requestReload();
    lifecycle.requestReload();
    released.countDown();

    assertTrue(secondRan.await(30, TimeUnit.SECONDS));
    assertEquals(2, runs.get());
  }
}
