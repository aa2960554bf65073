package io.pifleet.protocol.transfer;

import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.wire.Receipt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * A store of one file an archive, with its bookkeeping in memory, that keeps a list of whatever a
 * receiver did against the rules.
 */
final class SampleStore implements ReceivingStore {
  private final Path directory;
  private final Map<Sha256, byte[]> receipts = new ConcurrentHashMap<>();
  private final Map<Sha256, Partial> partials = new ConcurrentHashMap<>();
  final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();
  volatile long receiptMs;
  volatile long openMs;
  volatile long commitMs;
  volatile IOException failure;
  volatile boolean openCalled;

  SampleStore(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  Path file(Sha256 digest) {
    return directory.resolve(digest.toString());
  }

  boolean isStored(Sha256 digest) {
    return receipts.containsKey(digest);
  }

  byte[] manifest(Sha256 digest) {
    return partials.get(digest).manifestBytes;
  }

  /** Bytes written for this archive, whether they came for the first time or again. */
  long writtenBytes(Sha256 digest) {
    Partial partial = partials.get(digest);
    return partial == null ? 0 : partial.writtenBytes;
  }

  @Override
  public Optional<byte[]> receipt(String device, Sha256 digest) {
    work(receiptMs);
    return Optional.ofNullable(receipts.get(digest));
  }

  @Override
  public PartialArchive open(Manifest manifest, byte[] manifestBytes) throws IOException {
    openCalled = true;
    work(openMs);
    if (failure != null) {
      throw failure;
    }
    Partial partial =
        partials.computeIfAbsent(manifest.digest(), digest -> new Partial(manifest, manifestBytes));
    partial.open(file(manifest.digest()));
    return partial;
  }

  /** Being slow is what is wanted here. */
  private static void work(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Partial implements PartialArchive {
    private final Manifest manifest;
    private final byte[] manifestBytes;
    private final long[] offsets;
    private final BitSet verified = new BitSet();
    private final int[] held;
    private FileChannel file;
    private volatile long writtenBytes;

    Partial(Manifest manifest, byte[] manifestBytes) {
      this.manifest = manifest;
      this.manifestBytes = manifestBytes;
      offsets = manifest.segments().offsets();
      held = new int[manifest.segments().count()];
    }

    synchronized void open(Path path) throws IOException {
      if (file != null) {
        violations.add("opened while another receiver had it open");
      }
      file =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
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
    public synchronized void write(int segment, int offset, ByteBuffer bytes) throws IOException {
      if (verified.get(segment)) {
        violations.add("segment " + segment + " written although verified");
      }
      if (offset != held[segment]) {
        violations.add("segment " + segment + " written at " + offset + ", held " + held[segment]);
      }
      held[segment] += bytes.remaining();
      writtenBytes += bytes.remaining();
      while (bytes.hasRemaining()) {
        long at = offsets[segment] + held[segment] - bytes.remaining();
        file.write(bytes, at);
      }
    }

    @Override
    public synchronized void read(int segment, int offset, ByteBuffer target) throws IOException {
      long at = offsets[segment] + offset;
      while (target.hasRemaining()) {
        at += file.read(target, at);
      }
    }

    @Override
    public synchronized void verified(int segment) {
      verified.set(segment);
    }

    @Override
    public synchronized void discard(int segment) {
      held[segment] = 0;
    }

    @Override
    public synchronized byte[] commit() {
      work(commitMs);
      if (verified.cardinality() != held.length) {
        violations.add("committed with " + verified.cardinality() + " of " + held.length);
      }
      byte[] receipt =
          new Receipt(
                  manifest.device(),
                  manifest.name().toString(),
                  manifest.digest(),
                  manifest.archiveBytes(),
                  Instant.parse("2026-11-23T03:12:45Z"),
                  "attic-09ab34")
              .encode();
      receipts.put(manifest.digest(), receipt);
      return receipt;
    }

    @Override
    public synchronized void close() throws IOException {
      file.close();
      file = null;
    }
  }
}
