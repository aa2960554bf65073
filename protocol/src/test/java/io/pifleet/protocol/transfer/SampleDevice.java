package io.pifleet.protocol.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.UUID;

/** A device that connects to an address and offers archives. */
final class SampleDevice implements Closeable {
  static final SenderLimits LIMITS =
      new SenderLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5));

  private final Deadlines deadlines;
  private final SenderLimits limits;

  SampleDevice() {
    this(LIMITS);
  }

  SampleDevice(SenderLimits limits) {
    this.limits = limits;
    this.deadlines = new Deadlines();
  }

  ArchiveSender connect(InetSocketAddress address) throws IOException {
    return new ArchiveSender(
        PlainConnection.connect(address, limits.connect()),
        deadlines,
        limits,
        "0.1.0",
        UUID.randomUUID());
  }

  /** One connection, one offer. */
  Outcome offer(InetSocketAddress address, ArchiveSource archive) throws IOException {
    try (ArchiveSender sender = connect(address)) {
      return sender.offer(archive, SendProgress.NONE);
    }
  }

  @Override
  public void close() {
    deadlines.close();
  }
}
