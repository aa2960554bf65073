package io.pifleet.collector.receive;

import io.pifleet.protocol.transfer.Admission;
import io.pifleet.protocol.transfer.BusyException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Hands out the collector's time: a bounded number of devices deliver at once, each with one slot;
 * the others are told when to come back, later the more of them there are. A device that holds a
 * slot gets one more connection, which is about to take over the older one. Thread-safe.
 */
public final class TransferSlots implements Admission {
  /** All buffers together, while that leaves each one useful. */
  private static final int POOL_BYTES = 8 << 20;

  private static final int MAX_BUFFER_BYTES = 256 << 10;
  private static final int MIN_BUFFER_BYTES = 64 << 10;

  /** How many of those that were sent away are remembered, to tell how long the queue is. */
  private static final int MAX_WAITING = 16_384;

  private static final long MIN_RETRY_SECONDS = 5;
  private static final long MAX_RETRY_SECONDS = 3_600;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final LongSupplier nanoClock;
  // All guarded by this.
  private final Map<String, Integer> connectionsByDevice = new HashMap<>();
  private final Map<String, Long> waitingUntil =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MAX_WAITING;
        }
      };
  private final Deque<ByteBuffer> buffers = new ArrayDeque<>();
  private int slots;
  private int bufferBytes;
  private long lastForgotten;
  private double usualSeconds = 10; // how long a slot is held, a moving average

  /**
   * @param nanoClock as {@link System#nanoTime}
   */
  public TransferSlots(int slots, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    lastForgotten = nanoClock.getAsLong();
    resize(slots);
  }

  /** Changes the number; transfers that are under way go on. */
  public synchronized void resize(int newSlots) {
    slots = newSlots;
    int wanted = Math.max(MIN_BUFFER_BYTES, Math.min(POOL_BYTES / newSlots, MAX_BUFFER_BYTES));
    if (wanted != bufferBytes) {
      bufferBytes = wanted;
      buffers.clear();
    }
  }

  /** Slots that are taken, and how many there are. */
  public synchronized String usage() {
    return connectionsByDevice.size() + " of " + slots;
  }

  /** Devices that have a slot. */
  public synchronized int taken() {
    return connectionsByDevice.size();
  }

  /** Devices that were told to come back and have not come yet. */
  public synchronized int waiting() {
    forgetThoseWhoDidNotCome(nanoClock.getAsLong());
    return waitingUntil.size();
  }

  @Override
  public synchronized Admitted enter(SocketAddress remote, String device) throws BusyException {
    int connections = connectionsByDevice.getOrDefault(device, 0);
    if (connections >= 2) {
      throw new BusyException(
          Duration.ofSeconds(MIN_RETRY_SECONDS), "this device has two connections already");
    }
    long now = nanoClock.getAsLong();
    if (connections == 0 && connectionsByDevice.size() >= slots) {
      forgetThoseWhoDidNotCome(now);
      waitingUntil.remove(device); // it stands at the end again
      long seconds = retrySeconds();
      waitingUntil.put(device, now + 2 * seconds * NANOS_PER_SECOND);
      throw new BusyException(
          Duration.ofSeconds(seconds),
          slots + " devices deliver now and " + waitingUntil.size() + " wait");
    }
    ByteBuffer pooled = buffers.poll();
    // Before it counts: a slot that found no memory would be taken for ever.
    ByteBuffer buffer = pooled == null ? ByteBuffer.allocateDirect(bufferBytes) : pooled.clear();
    waitingUntil.remove(device);
    connectionsByDevice.put(device, connections + 1);
    return new Slot(device, buffer, now);
  }

  /** The time after which those who wait already have had their turn. */
  private long retrySeconds() {
    double turns = (waitingUntil.size() + 1) / (double) slots;
    long seconds = Math.round(turns * usualSeconds);
    return Math.max(MIN_RETRY_SECONDS, Math.min(seconds, MAX_RETRY_SECONDS));
  }

  /** Looks at most once a second: at night it is asked for thousands of devices. */
  private void forgetThoseWhoDidNotCome(long now) {
    if (now - lastForgotten >= NANOS_PER_SECOND) {
      lastForgotten = now;
      waitingUntil.values().removeIf(until -> until - now < 0);
    }
  }

  private synchronized void leave(Slot slot) {
    connectionsByDevice.computeIfPresent(
        slot.device, (device, connections) -> connections == 1 ? null : connections - 1);
    if (slot.buffer.capacity() == bufferBytes && buffers.size() < slots) {
      buffers.push(slot.buffer);
    }
    double seconds = (nanoClock.getAsLong() - slot.sinceNanos) / (double) NANOS_PER_SECOND;
    usualSeconds = usualSeconds * 0.9 + seconds * 0.1;
  }

  private final class Slot implements Admitted {
    private final String device;
    private final ByteBuffer buffer;
    private final long sinceNanos;
    private boolean left;

    Slot(String device, ByteBuffer buffer, long sinceNanos) {
      this.device = device;
      this.buffer = buffer;
      this.sinceNanos = sinceNanos;
    }

    @Override
    public ByteBuffer buffer() {
      return buffer;
    }

    @Override
    public void close() {
      if (!left) {
        left = true;
        leave(this);
      }
    }
  }
}
