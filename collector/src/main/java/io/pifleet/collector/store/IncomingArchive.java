package io.pifleet.collector.store;

import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.SegmentTable;
import io.pifleet.protocol.transfer.PartialArchive;
import io.pifleet.protocol.transfer.RefusedException;
import io.pifleet.protocol.wire.ProtocolError;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An archive that arrives: its segments are written where they will stay. Owned by the thread that
 * receives it; not thread-safe.
 */
final class IncomingArchive implements PartialArchive {
  static final String DATA = "data";
  static final String MANIFEST = "manifest.json";
  static final String STATE = "state";

  private final ArchiveStore store;
  private final Manifest manifest;
  private final Path directory;
  private final long[] offsets;
  private final PartialState state;
  private final FileChannel data;
  private final FreeSpace.Promise promise;
  private boolean committed;
  private boolean spoiled;
  private boolean closed;

  private IncomingArchive(
      ArchiveStore store,
      Manifest manifest,
      Path directory,
      PartialState state,
      FileChannel data,
      FreeSpace.Promise promise) {
    this.store = store;
    this.manifest = manifest;
    this.directory = directory;
    this.offsets = manifest.segments().offsets();
    this.state = state;
    this.data = data;
    this.promise = promise;
  }

  /**
   * Opens what is in {@code directory}, which holds the manifest already. Hashes what an earlier
   * run of the collector left, which may take long.
   *
   * @throws RefusedException when the store has no room for the rest
   */
  static IncomingArchive open(ArchiveStore store, Manifest manifest, Path directory)
      throws IOException {
    SegmentTable segments = manifest.segments();
    int[] sizes = new int[segments.count()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = segments.sizeBytes(i);
    }
    PartialState state = PartialState.read(directory.resolve(STATE), sizes, store.run());
    // What the file says is true only until the first write.
    Files.deleteIfExists(directory.resolve(STATE));
    FileChannel data =
        FileChannel.open(
            directory.resolve(DATA),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE);
    FreeSpace.Promise promise = null;
    try {
      if (!state.ofThisRun()) {
        hashAgain(segments, data, state);
      }
      long missing = manifest.archiveBytes();
      for (int i = state.verified().nextSetBit(0); i >= 0; ) {
        missing -= sizes[i];
        i = state.verified().nextSetBit(i + 1);
      }
      promise = store.freeSpace().promise(missing);
      return new IncomingArchive(store, manifest, directory, state, data, promise);
    } finally {
      if (promise == null) {
        data.close();
      }
    }
  }

  private static void hashAgain(SegmentTable segments, FileChannel data, PartialState state)
      throws IOException {
    long[] offsets = segments.offsets();
    long length = data.size();
    SegmentHasher hasher = new SegmentHasher();
    for (int i = 0; i < segments.count(); i++) {
      boolean there = offsets[i + 1] <= length;
      if (there && hasher.hash(data, offsets[i], segments.sizeBytes(i)).equals(segments.hash(i))) {
        state.verified(i);
      } else if (state.verified().get(i) || offsets[i] + state.heldBytes(i) > length) {
        state.discard(i);
      }
    }
  }

  Manifest manifest() {
    return manifest;
  }

  Path directory() {
    return directory;
  }

  FileChannel data() {
    return data;
  }

  @Override
  public boolean isVerified(int segment) {
    return state.verified().get(segment);
  }

  @Override
  public int heldBytes(int segment) {
    return state.heldBytes(segment);
  }

  @Override
  public void write(int segment, int offset, ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    requireInside(segment, offset, length);
    long at = offsets[segment] + offset;
    try {
      while (bytes.hasRemaining()) {
        at += data.write(bytes, at);
      }
    } catch (IOException e) {
      if (store.freeSpace().isFull(e, length)) {
        throw new RefusedException(
            ProtocolError.DISK_FULL, "the store ran full while the archive arrived", e);
      }
      throw e;
    }
    state.arrived(segment, offset, length);
  }

  @Override
  public void read(int segment, int offset, ByteBuffer target) throws IOException {
    requireInside(segment, offset, target.remaining());
    long at = offsets[segment] + offset;
    while (target.hasRemaining()) {
      int read = data.read(target, at);
      if (read < 0) {
        throw new EOFException(directory.resolve(DATA) + " ends at " + at);
      }
      at += read;
    }
  }

  @Override
  public void verified(int segment) {
    state.verified(segment);
    promise.written(manifest.segments().sizeBytes(segment));
  }

  @Override
  public void discard(int segment) {
    state.discard(segment);
  }

  @Override
  public byte[] commit() throws IOException {
    int missing = state.verified().nextClearBit(0);
    if (missing < manifest.segments().count()) {
      throw new IllegalStateException("commit, but segment " + missing + " is not verified");
    }
    byte[] receipt = store.commit(this);
    committed = true;
    return receipt;
  }

  /** Makes the data durable; what could not be written is not believed any more. */
  void sync(ArchiveCommit commit) throws IOException {
    boolean synced = false;
    try {
      commit.syncData(this);
      synced = true;
    } finally {
      // After a failed fsync(2) the kernel may have dropped pages that it says are clean, and the
      // next fsync says nothing of them: all has to come again.
      spoiled = !synced;
    }
  }

  /** Keeps what has arrived, unless it was committed. Idempotent. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (promise;
        data) {
      if (spoiled) {
        store.files().deleteDirectory(directory, MANIFEST);
      } else if (!committed) {
        store.files().write(directory.resolve(STATE), state.toBytes(store.run()));
      }
    } finally {
      store.released(this);
    }
  }

  private void requireInside(int segment, int offset, int length) {
    int size = manifest.segments().sizeBytes(segment);
    if (offset < 0 || length < 0 || offset > size - length) {
      throw new IllegalArgumentException(
          length + " bytes at " + offset + " of segment " + segment + ", which has " + size);
    }
  }
}
