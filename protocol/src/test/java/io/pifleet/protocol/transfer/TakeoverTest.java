package io.pifleet.protocol.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.FaultProxy.Direction;
import io.pifleet.protocol.transfer.FaultProxy.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class TakeoverTest {
  private static final Sha256 DIGEST = Sha256.of(new byte[0]);

  @TempDir Path directory;

  @Test
  void endsAConnectionThatHangsForANewOneOfTheSameArchive() throws Exception {
    SampleStore store = new SampleStore(directory.resolve("store"));
    SampleArchive archive =
        SampleArchive.make(directory.resolve("spool"), "pi-kitchen", 3, 50_000, 80_000, 90_000);
    try (SampleCollector collector = new SampleCollector(store, patient());
        FaultProxy proxy = new FaultProxy(collector.address());
        SampleDevice device = new SampleDevice()) {
      proxy.plan(Fault.hold(Direction.TO_SERVER, 100_000));
      ArchiveSender hanging = device.connect(proxy.address());
      CompletableFuture<Outcome> first =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return hanging.offer(archive, SendProgress.NONE);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                } finally {
                  hanging.close();
                }
              });
      await(() -> collector.live != null && collector.live.verifiedBytes() > 0);
      assertInstanceOf(Outcome.Stored.class, device.offer(collector.address(), archive));
      assertTrue(collector.events.contains("took over"), collector.events::toString);
      assertThrows(ExecutionException.class, () -> first.get(20, TimeUnit.SECONDS));
      assertTrue(store.violations.isEmpty(), store.violations::toString);
      assertEquals(220_000, store.writtenBytes(archive.manifest().digest()));
      assertArrayEquals(
          archive.content(), Files.readAllBytes(store.file(archive.manifest().digest())));
    }
  }

  @Test
  void cannotBeUsedByTwoClonesToStarveEachOther() throws Exception {
    SampleStore store = new SampleStore(directory.resolve("store"));
    SampleArchive archive =
        SampleArchive.make(directory.resolve("spool"), "pi-kitchen", 3, 100_000, 100_000, 100_000);
    try (SampleCollector collector = new SampleCollector(store, patient());
        FaultProxy slow = new FaultProxy(collector.address());
        SampleDevice device = new SampleDevice()) {
      for (int i = 0; i < 100; i++) {
        slow.plan(Fault.throttle(Direction.TO_SERVER, 0, 200_000));
      }
      AtomicInteger busy = new AtomicInteger();
      Thread[] clones = new Thread[2];
      for (int i = 0; i < clones.length; i++) {
        clones[i] = new Thread(() -> insist(device, slow, archive, busy), "clone-" + i);
        clones[i].start();
      }
      for (Thread clone : clones) {
        clone.join(30_000);
        assertFalse(clone.isAlive(), "a clone has not come to an end");
      }
      assertTrue(store.isStored(archive.manifest().digest()));
      assertTrue(busy.get() > 0, "nobody was told to wait");
      assertTrue(store.violations.isEmpty(), store.violations::toString);
    }
  }

  /**
   * A clone: connects again as soon as it can, without any back-off, until the archive is stored.
   */
  private static void insist(
      SampleDevice device, FaultProxy proxy, SampleArchive archive, AtomicInteger busy) {
    for (int i = 0; i < 500; i++) {
      try {
        Outcome outcome = device.offer(proxy.address(), archive);
        if (outcome instanceof Outcome.Stored) {
          return;
        }
        busy.incrementAndGet();
        TimeUnit.MILLISECONDS.sleep(20);
      } catch (IOException e) {
        // Ended by the other clone.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  @Test
  void waitsUntilTheOlderOneHasLetGo() throws Exception {
    Takeovers takeovers = new Takeovers(System::nanoTime);
    AtomicInteger stopped = new AtomicInteger();
    Takeovers.Claim older =
        takeovers.claim("pi", DIGEST, stopped::incrementAndGet, Duration.ofSeconds(1));
    assertFalse(older.tookOver());
    CompletableFuture<Takeovers.Claim> newer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return takeovers.claim("pi", DIGEST, () -> {}, Duration.ofSeconds(20));
              } catch (BusyException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    await(() -> stopped.get() == 1);
    assertFalse(newer.isDone());
    older.close();
    assertTrue(newer.get(20, TimeUnit.SECONDS).tookOver());
  }

  @Test
  void givesUpOnAnOlderOneThatDoesNotLetGo() throws Exception {
    Takeovers takeovers = new Takeovers(System::nanoTime);
    takeovers.claim("pi", DIGEST, () -> {}, Duration.ofSeconds(1));
    BusyException busy =
        assertThrows(
            BusyException.class,
            () -> takeovers.claim("pi", DIGEST, () -> {}, Duration.ofMillis(50)));
    assertTrue(busy.getMessage().contains("still ending"), busy::getMessage);
  }

  @Test
  void allowsSixADeviceAMinute() throws Exception {
    AtomicLong now = new AtomicLong(1);
    Takeovers takeovers = new Takeovers(now::get);
    claim(takeovers);
    for (int i = 0; i < Takeovers.PER_MINUTE; i++) {
      assertTrue(claim(takeovers).tookOver());
    }
    BusyException busy = assertThrows(BusyException.class, () -> claim(takeovers));
    assertTrue(busy.getMessage().contains("second device"), busy::getMessage);
    now.addAndGet(TimeUnit.SECONDS.toNanos(61));
    assertTrue(claim(takeovers).tookOver());
  }

  /** A claim that lets go at once when it has to. */
  private static Takeovers.Claim claim(Takeovers takeovers) throws BusyException {
    Takeovers.Claim[] mine = new Takeovers.Claim[1];
    mine[0] = takeovers.claim("pi", DIGEST, () -> mine[0].close(), Duration.ofMillis(200));
    return mine[0];
  }

  private static ReceiverLimits patient() {
    ReceiverLimits limits = SampleCollector.LIMITS;
    Duration minute = Duration.ofMinutes(1);
    return new ReceiverLimits(
        limits.grantMaxBytes(),
        minute,
        minute,
        minute,
        minute,
        limits.waitInterval(),
        limits.takeoverPatience(),
        limits.linger());
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < until, "it did not come about in 30 s");
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
