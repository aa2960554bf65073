package io.pifleet.collector.receive;

import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.PartialArchive;
import io.pifleet.protocol.transfer.ReceivingStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the calls that the store has not answered yet. On a mount that hangs a call never ends, and
 * keeps its slot: it cannot be abandoned, because it may still write. So it is named instead.
 * Thread-safe.
 */
public final class StoreWatch implements ReceivingStore {
  private static final Logger LOG = LoggerFactory.getLogger(StoreWatch.class);

  /** Hashing again what has arrived of a large archive on a slow disk takes minutes. */
  static final Duration PATIENCE = Duration.ofMinutes(15);

  private final ReceivingStore store;
  private final LongSupplier nanoClock;
  private final Map<Call, Long> running = new ConcurrentHashMap<>();
  private boolean told; // guarded by this

  /** One call; equal to itself only. */
  private static final class Call {
    private final String what;

    Call(String what) {
      this.what = what;
    }
  }

  private interface Answer<T> {
    T await() throws IOException;
  }

  private interface Doing {
    void await() throws IOException;
  }

  /**
   * @param nanoClock as {@link System#nanoTime}
   */
  public StoreWatch(ReceivingStore store, LongSupplier nanoClock) {
    this.store = store;
    this.nanoClock = nanoClock;
  }

  /** What the store has not answered for too long; asks nothing of it. Logs when that changes. */
  public synchronized Optional<String> problem() {
    long now = nanoClock.getAsLong();
    long longest = PATIENCE.toNanos();
    String what = null;
    for (Map.Entry<Call, Long> call : running.entrySet()) {
      if (now - call.getValue() > longest) {
        longest = now - call.getValue();
        what = call.getKey().what;
      }
    }
    if (what == null) {
      if (told) {
        LOG.info("the store answers again");
      }
      told = false;
      return Optional.empty();
    }
    String problem =
        "the store has not answered for "
            + Duration.ofNanos(longest).toMinutes()
            + " min: "
            + what
            + "; does its file system hang?";
    if (!told) {
      LOG.error("{}", problem);
    }
    told = true;
    return Optional.of(problem);
  }

  @Override
  public Optional<byte[]> receipt(String device, Sha256 digest) throws IOException {
    return watch("receipt for " + device, () -> store.receipt(device, digest));
  }

  @Override
  public PartialArchive open(Manifest manifest, byte[] manifestBytes) throws IOException {
    String archive = manifest.name() + " of " + manifest.device();
    return new Watched(
        archive, watch("opening " + archive, () -> store.open(manifest, manifestBytes)));
  }

  private <T> T watch(String what, Answer<T> answer) throws IOException {
    Call call = new Call(what);
    running.put(call, nanoClock.getAsLong());
    try {
      return answer.await();
    } finally {
      running.remove(call);
    }
  }

  private final class Watched implements PartialArchive {
    private final PartialArchive partial;
    private final String storing;
    private final String reading;
    private final String committing;
    private final String closing;

    Watched(String archive, PartialArchive partial) {
      this.partial = partial;
      storing = "a part of " + archive;
      reading = "reading " + archive;
      committing = "committing " + archive;
      closing = "closing " + archive;
    }

    private void watch(String what, Doing doing) throws IOException {
      StoreWatch.this.watch(
          what,
          () -> {
            doing.await();
            return true;
          });
    }

    @Override
    public boolean isVerified(int segment) {
      return partial.isVerified(segment);
    }

    @Override
    public int heldBytes(int segment) {
      return partial.heldBytes(segment);
    }

    @Override
    public void write(int segment, int offset, ByteBuffer bytes) throws IOException {
      watch(storing, () -> partial.write(segment, offset, bytes));
    }

    @Override
    public void read(int segment, int offset, ByteBuffer target) throws IOException {
      watch(reading, () -> partial.read(segment, offset, target));
    }

    @Override
    public void verified(int segment) throws IOException {
      watch(storing, () -> partial.verified(segment));
    }

    @Override
    public void discard(int segment) throws IOException {
      watch(storing, () -> partial.discard(segment));
    }

    @Override
    public byte[] commit() throws IOException {
      return StoreWatch.this.watch(committing, partial::commit);
    }

    @Override
    public void close() throws IOException {
      watch(closing, partial::close);
    }
  }
}
