package io.pifleet.protocol.transfer;

import io.pifleet.protocol.archive.Sha256;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Sees to it that one receiver at a time has an archive: a newer one ends the older one and waits
 * until it has ended. Nothing is ever locked, and no device can do that more than {@link
 * #PER_MINUTE} times a minute: two clones of one device would otherwise end each other for ever.
 * One object for a whole collector; thread-safe.
 */
public final class Takeovers {
  /** Most takeovers of one device in a minute. */
  public static final int PER_MINUTE = 6;

  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private record Archive(String device, Sha256 digest) {}

  private record Running(Runnable stop, CountDownLatch ended) {}

  /** When the last takeovers of a device were: a ring. */
  private static final class History {
    private final long[] times = new long[PER_MINUTE];
    private int count;

    boolean allows(long now) {
      return count < PER_MINUTE || now - times[count % PER_MINUTE] >= MINUTE_NANOS;
    }

    void add(long now) {
      times[count++ % PER_MINUTE] = now;
    }

    boolean isOver(long now) {
      return now - times[(count - 1) % PER_MINUTE] >= MINUTE_NANOS;
    }
  }

  private final LongSupplier nanoClock;
  // Both guarded by this.
  private final Map<Archive, Running> running = new HashMap<>();
  private final Map<String, History> histories = new HashMap<>();

  /**
   * @param nanoClock as {@link System#nanoTime}
   */
  public Takeovers(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** The right to receive an archive, until it is closed. */
  interface Claim extends AutoCloseable {
    /** Whether an older receiver was ended for it. */
    boolean tookOver();

    @Override
    void close();
  }

  /**
   * Claims an archive for the calling receiver.
   *
   * @param stop makes the receiver that claims now end soon; called when a newer one comes
   * @param patience for the older receiver to end
   * @throws BusyException when that takes longer, or happens too often
   */
  Claim claim(String device, Sha256 digest, Runnable stop, Duration patience) throws BusyException {
    Archive archive = new Archive(device, digest);
    Running mine = new Running(stop, new CountDownLatch(1));
    long giveUpAt = System.nanoTime() + patience.toNanos();
    boolean tookOver = false;
    while (true) {
      Running older;
      synchronized (this) {
        older = running.get(archive);
        if (older == null) {
          running.put(archive, mine);
          return new Held(archive, mine, tookOver);
        }
        count(device);
      }
      tookOver = true;
      older.stop().run();
      await(older, giveUpAt - System.nanoTime());
    }
  }

  private void count(String device) throws BusyException {
    long now = nanoClock.getAsLong();
    histories.values().removeIf(history -> history.isOver(now));
    History history = histories.get(device);
    if (history == null) {
      history = new History();
      histories.put(device, history);
    }
    if (!history.allows(now)) {
      throw new BusyException(
          Duration.ofMinutes(1),
          "more than "
              + PER_MINUTE
              + " connections in a minute delivered this archive: is there a second device with"
              + " this id?");
    }
    history.add(now);
  }

  private static void await(Running older, long nanos) throws BusyException {
    try {
      if (older.ended().await(nanos, TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new BusyException(
        Duration.ofSeconds(30), "an older connection that delivers this archive is still ending");
  }

  private final class Held implements Claim {
    private final Archive archive;
    private final Running mine;
    private final boolean tookOver;

    Held(Archive archive, Running mine, boolean tookOver) {
      this.archive = archive;
      this.mine = mine;
      this.tookOver = tookOver;
    }

    @Override
    public boolean tookOver() {
      return tookOver;
    }

    @Override
    public void close() {
      synchronized (Takeovers.this) {
        running.remove(archive, mine);
      }
      mine.ended().countDown();
    }
  }
}
