package io.pifleet.protocol.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/** Receivers behind a listener on loopback, and a list of what they reported. */
final class SampleCollector implements Closeable {
  /** Short enough for tests, long enough for a machine that is busy. */
  static final ReceiverLimits LIMITS =
      new ReceiverLimits(
          100_000,
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofMillis(100),
          Duration.ofSeconds(5),
          Duration.ofSeconds(2));

  final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
  final List<ArchiveReceiver> receivers = new CopyOnWriteArrayList<>();
  final List<Thread> threads = new CopyOnWriteArrayList<>();
  final Semaphore slots;
  volatile LiveTransfer live;
  private final ServerSocketChannel server;
  private final Deadlines deadlines = new Deadlines();
  private final Takeovers takeovers = new Takeovers(System::nanoTime);
  private final ReceivingStore store;
  private final ReceiverLimits limits;

  SampleCollector(ReceivingStore store, ReceiverLimits limits) throws IOException {
    this(store, limits, 16);
  }

  SampleCollector(ReceivingStore store, ReceiverLimits limits, int slots) throws IOException {
    this.store = store;
    this.limits = limits;
    this.slots = new Semaphore(slots);
    server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread accept = new Thread(this::accept, "accept");
    accept.setDaemon(true);
    accept.start();
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.socket().getLocalPort());
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = server.accept();
        ArchiveReceiver receiver =
            new ArchiveReceiver(
                new PlainConnection(channel),
                store,
                this::enter,
                takeovers,
                deadlines,
                limits,
                new Listener());
        Thread thread = new Thread(receiver::run, "transfer-" + threads.size());
        thread.setDaemon(true);
        receivers.add(receiver);
        threads.add(thread);
        thread.start();
      }
    } catch (ClosedChannelException e) {
      // That is how it ends.
    } catch (IOException e) {
      events.add("listener: " + e);
    }
  }

  private Admission.Admitted enter(SocketAddress remote, String device) throws BusyException {
    if (!slots.tryAcquire()) {
      throw new BusyException(Duration.ofSeconds(7), "all slots are taken");
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10);
    return new Admission.Admitted() {
      @Override
      public ByteBuffer buffer() {
        return buffer;
      }

      @Override
      public void close() {
        slots.release();
      }
    };
  }

  /** Whether every receiver has come to its end within {@code limit}. */
  boolean awaitIdle(Duration limit) throws InterruptedException {
    long until = System.nanoTime() + limit.toNanos();
    for (Thread thread : threads) {
      thread.join(Math.max(1, (until - System.nanoTime()) / 1_000_000));
      if (thread.isAlive()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (ArchiveReceiver receiver : receivers) {
      receiver.stop();
    }
    deadlines.close();
  }

  private final class Listener implements ReceiverEvents {
    @Override
    public void started(LiveTransfer transfer) {
      live = transfer;
      events.add("started");
    }

    @Override
    public void ended(LiveTransfer transfer, boolean stored) {
      events.add(stored ? "stored" : "unfinished");
    }

    @Override
    public void had(SocketAddress remote, io.pifleet.protocol.wire.Offer offer) {
      events.add("had");
    }

    @Override
    public void mismatched(LiveTransfer transfer, int segment, int times) {
      events.add("mismatched " + segment + " " + times);
    }

    @Override
    public void tookOver(SocketAddress remote, io.pifleet.protocol.wire.Offer offer) {
      events.add("took over");
    }

    @Override
    public void busy(SocketAddress remote, String device, Duration retryAfter, String reason) {
      events.add("busy: " + reason);
    }

    @Override
    public void refused(SocketAddress remote, String device, IOException cause) {
      events.add("refused: " + cause.getMessage());
    }

    @Override
    public void broke(SocketAddress remote, String device, IOException cause) {
      events.add("broke: " + cause);
    }
  }
}
