package io.pifleet.agent.upload;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.Admission;
import io.pifleet.protocol.transfer.ArchiveReceiver;
import io.pifleet.protocol.transfer.BusyException;
import io.pifleet.protocol.transfer.Deadlines;
import io.pifleet.protocol.transfer.PartialArchive;
import io.pifleet.protocol.transfer.PlainConnection;
import io.pifleet.protocol.transfer.ReceiverEvents;
import io.pifleet.protocol.transfer.ReceiverLimits;
import io.pifleet.protocol.transfer.ReceivingStore;
import io.pifleet.protocol.transfer.Takeovers;
import io.pifleet.protocol.wire.Receipt;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/**
 * The real receiver behind a listener on 127.0.0.1, with a store in memory that does what a test
 * tells it to.
 */
public final class LoopbackCollector implements Closeable {
  /** May keep an archive out. */
  interface Judge {
    void judge(Manifest manifest) throws IOException;
  }

  private final String id;
  private final int port;
  private final ServerSocketChannel server = ServerSocketChannel.open();
  private final Deadlines deadlines = new Deadlines();
  private final Takeovers takeovers = new Takeovers(System::nanoTime);
  private final Store store = new Store();
  private final List<ArchiveReceiver> receivers = new CopyOnWriteArrayList<>();
  private final List<ArchiveName> offers = new CopyOnWriteArrayList<>();
  private final Map<Sha256, Partial> partials = new ConcurrentHashMap<>();
  private final Map<Sha256, byte[]> receipts = new ConcurrentHashMap<>();
  private volatile Judge judge = manifest -> {};
  private volatile BusyException busy;
  private volatile UnaryOperator<Receipt> forging = UnaryOperator.identity();

  /** Listens on a free port. */
  public LoopbackCollector(String id) throws IOException {
    this(id, 0);
  }

  LoopbackCollector(String id, int port) throws IOException {
    this.id = id;
    server.bind(new InetSocketAddress(loopback(), port));
    this.port = server.socket().getLocalPort();
    Thread accept = new Thread(this::accept, "accept");
    accept.setDaemon(true);
    accept.start();
  }

  static InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }

  /** Stays the same when it is closed. */
  public int port() {
    return port;
  }

  /** Asked at every offer of an archive that is not stored. */
  public void judge(Judge next) {
    judge = next;
  }

  /** Null: not busy any more. */
  void busy(BusyException why) {
    busy = why;
  }

  /** What becomes of receipts before they are sent. */
  void forge(UnaryOperator<Receipt> change) {
    forging = change;
  }

  /** Archives that were offered and not stored, in order, repetitions included. */
  public List<ArchiveName> offers() {
    return offers;
  }

  boolean hasStored(Sha256 digest) {
    return receipts.containsKey(digest);
  }

  /** Connections that were accepted. */
  int connections() {
    return receivers.size();
  }

  /** Bytes of segments that arrived, those that came again included. */
  long writtenBytes() {
    return partials.values().stream().mapToLong(partial -> partial.writtenBytes).sum();
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
                ReceiverLimits.DEFAULT,
                ReceiverEvents.NONE);
        receivers.add(receiver);
        Thread thread = new Thread(receiver::run, "transfer-" + receivers.size());
        thread.setDaemon(true);
        thread.start();
      }
    } catch (IOException e) {
      // Closed: that is how it ends.
    }
  }

  private Admission.Admitted enter(SocketAddress remote, String device) throws BusyException {
    if (busy != null) {
      throw new BusyException(busy.retryAfter(), busy.getMessage());
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10);
    return new Admission.Admitted() {
      @Override
      public ByteBuffer buffer() {
        return buffer;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() throws IOException {
    server.close();
    receivers.forEach(ArchiveReceiver::stop);
    deadlines.close();
  }

  private final class Store implements ReceivingStore {
    @Override
    public Optional<byte[]> receipt(String device, Sha256 digest) {
      return Optional.ofNullable(receipts.get(digest));
    }

    @Override
    public PartialArchive open(Manifest manifest, byte[] manifestBytes) throws IOException {
      offers.add(manifest.name());
      judge.judge(manifest);
      return partials.computeIfAbsent(manifest.digest(), digest -> new Partial(manifest));
    }
  }

  private final class Partial implements PartialArchive {
    private final Manifest manifest;
    private final byte[][] segments;
    private final int[] held;
    private final BitSet verified = new BitSet();
    private volatile long writtenBytes;

    Partial(Manifest manifest) {
      this.manifest = manifest;
      int count = manifest.segments().count();
      segments = new byte[count][];
      held = new int[count];
      for (int i = 0; i < count; i++) {
        segments[i] = new byte[manifest.segments().sizeBytes(i)];
      }
    }

    @Override
    public boolean isVerified(int segment) {
      return verified.get(segment);
    }

    @Override
    public int heldBytes(int segment) {
      return held[segment];
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time
    public void write(int segment, int offset, ByteBuffer bytes) {
      int count = bytes.remaining();
      bytes.get(segments[segment], offset, count);
      held[segment] = offset + count;
      writtenBytes += count;
    }

    @Override
    public void read(int segment, int offset, ByteBuffer target) {
      target.put(segments[segment], offset, target.remaining());
    }

    @Override
    public void verified(int segment) {
      verified.set(segment);
    }

    @Override
    public void discard(int segment) {
      held[segment] = 0;
    }

    @Override
    public byte[] commit() {
      Receipt receipt =
          new Receipt(
              manifest.device(),
              manifest.name().toString(),
              manifest.digest(),
              manifest.archiveBytes(),
              Instant.parse("2026-11-23T03:12:45Z"),
              id);
      byte[] bytes = forging.apply(receipt).encode();
      receipts.put(manifest.digest(), bytes);
      return bytes;
    }

    @Override
    public void close() {}
  }
}
