package io.pifleet.collector.receive;

import io.pifleet.protocol.transfer.Admission;
import io.pifleet.protocol.transfer.ArchiveReceiver;
import io.pifleet.protocol.transfer.Connection;
import io.pifleet.protocol.transfer.Deadlines;
import io.pifleet.protocol.transfer.PlainConnection;
import io.pifleet.protocol.transfer.ReceiverEvents;
import io.pifleet.protocol.transfer.ReceiverLimits;
import io.pifleet.protocol.transfer.ReceivingStore;
import io.pifleet.protocol.transfer.Takeovers;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves connections, each on a thread of its own, {@code transfer-N}: a blocking conversation is
 * plain to read, and a thousand sleeping threads with small stacks cost less than what one transfer
 * moves. Their number is bounded; what comes beyond it is closed at once. Thread-safe.
 */
public final class Reception implements AutoCloseable {
  /** Connections at once, with a slot or waiting to hear that there is none. */
  public static final int MAX_CONNECTIONS = 1_024;

  private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

  /** A receiver's calls are shallow; the default would be 1 MiB of address space each. */
  private static final long STACK_BYTES = 256 << 10;

  /** For those whose bytes arrive to hear that the collector goes down. */
  private static final long POLITE_STOP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long STOP_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

  private final ReceivingStore store;
  private final Admission admission;
  private final Takeovers takeovers;
  private final Deadlines deadlines;
  private final Supplier<ReceiverLimits> limits;
  private final ReceiverEvents events;
  // All guarded by served.
  private final Map<Thread, ArchiveReceiver> served = new HashMap<>();
  private long accepted;
  private long turnedAway;
  private boolean closed;

  /**
   * @param limits asked for each connection
   */
  public Reception(
      ReceivingStore store,
      Admission admission,
      Takeovers takeovers,
      Deadlines deadlines,
      Supplier<ReceiverLimits> limits,
      ReceiverEvents events) {
    this.store = store;
    this.admission = admission;
    this.takeovers = takeovers;
    this.deadlines = deadlines;
    this.limits = limits;
    this.events = events;
  }

  /** Takes a connection over; returns at once. */
  public void serve(SocketChannel channel) {
    synchronized (served) {
      if (closed || served.size() >= MAX_CONNECTIONS) {
        turnedAway++;
        close(channel);
        return;
      }
      try {
        start(new PlainConnection(channel));
      } catch (IOException e) {
        LOG.debug("a connection was gone before it was served", e);
        close(channel);
      }
    }
  }

  private void start(Connection connection) {
    accepted++;
    ArchiveReceiver receiver =
        new ArchiveReceiver(
            connection, store, admission, takeovers, deadlines, limits.get(), events);
    Thread thread =
        new Thread(null, () -> run(receiver), "transfer-" + accepted, STACK_BYTES, false);
    thread.setDaemon(true);
    served.put(thread, receiver);
    boolean started = false;
    try {
      thread.start();
      started = true;
    } catch (OutOfMemoryError e) {
      // "unable to create native thread": a limit of the system, not of the heap
      LOG.error("no thread for connection {}: {}", accepted, e.getMessage());
    } finally {
      if (!started) {
        served.remove(thread);
        turnedAway++;
        connection.close();
      }
    }
  }

  private void run(ArchiveReceiver receiver) {
    try {
      receiver.run();
    } finally {
      synchronized (served) {
        served.remove(Thread.currentThread());
        served.notifyAll();
      }
    }
  }

  /**
   * @param open connections now
   * @param accepted since the start
   * @param turnedAway since the start, because there were too many
   */
  public record Counts(int open, long accepted, long turnedAway) {}

  public Counts counts() {
    synchronized (served) {
      return new Counts(served.size(), accepted, turnedAway);
    }
  }

  /**
   * Ends all conversations: politely where something arrives, then by force, and waits until they
   * have ended; two seconds at most. What has arrived is kept. Idempotent.
   */
  @Override
  public void close() {
    List<ArchiveReceiver> receivers;
    synchronized (served) {
      closed = true;
      receivers = List.copyOf(served.values());
    }
    receivers.forEach(ArchiveReceiver::shutDown);
    awaitEnd(POLITE_STOP_NANOS);
    synchronized (served) {
      receivers = List.copyOf(served.values());
    }
    receivers.forEach(ArchiveReceiver::stop);
    if (!awaitEnd(STOP_NANOS)) {
      LOG.warn(
          "{} transfers do not end; what they store is looked at at the next start",
          counts().open());
    }
  }

  private boolean awaitEnd(long nanos) {
    long end = System.nanoTime() + nanos;
    synchronized (served) {
      while (!served.isEmpty()) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        try {
          served.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      return true;
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("closing a connection", e); // the descriptor is gone all the same
    }
  }
}
