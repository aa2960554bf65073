package io.pifleet.protocol.transfer;

import io.pifleet.protocol.archive.Manifest;
import java.net.SocketAddress;

/** An archive that is arriving, to be looked at by any thread. The receiver alone changes it. */
public final class LiveTransfer {
  private final Manifest manifest;
  private final SocketAddress remote;
  private final long totalBytes;
  private volatile long heldBytes;
  private volatile long verifiedBytes;
  private volatile long arrivedBytes;

  LiveTransfer(Manifest manifest, SocketAddress remote) {
    this.manifest = manifest;
    this.remote = remote;
    this.totalBytes = manifest.segments().totalBytes();
  }

  public Manifest manifest() {
    return manifest;
  }

  public SocketAddress remote() {
    return remote;
  }

  /** Bytes of all segments together. */
  public long totalBytes() {
    return totalBytes;
  }

  /**
   * Bytes that are here and count: those of verified segments, and the starts of others, on this
   * connection or from before.
   */
  public long heldBytes() {
    return heldBytes;
  }

  /** Bytes of the segments whose hash was found right, on this connection or before. */
  public long verifiedBytes() {
    return verifiedBytes;
  }

  /** Bytes that arrived on this connection, segments that were asked for again counted again. */
  public long arrivedBytes() {
    return arrivedBytes;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void heldBefore(long bytes) {
    heldBytes += bytes;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void verified(long bytes) {
    verifiedBytes += bytes;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void discarded(long bytes) {
    heldBytes -= bytes;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void arrived(long bytes) {
    arrivedBytes += bytes;
    heldBytes += bytes;
  }
}
