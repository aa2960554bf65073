package io.pifleet.protocol.transfer;

import io.pifleet.protocol.wire.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What comes from the peer, with a limit on its silence and, where wanted, on the whole of what is
 * awaited. Owned by the connection's thread.
 */
final class PeerInput implements ByteSource {
  private static final String SILENT = "no byte from";

  private final Connection connection;
  private final Deadline deadline;
  private final LongSupplier progress;
  private long silenceNanos;
  private long wholeNanos; // 0: no limit
  private long wholeUntil;
  private String wholeLack;

  /**
   * @param progress a number whose changes start the limit on silence anew; null for none
   */
  PeerInput(Connection connection, Deadline deadline, LongSupplier progress) {
    this.connection = connection;
    this.deadline = deadline;
    this.progress = progress;
  }

  /** Each read may take so long; what is awaited as a whole has no limit. */
  void limit(Duration silence) {
    silenceNanos = silence.toNanos();
    wholeNanos = 0;
  }

  /**
   * Each read may take so long, and everything from now on {@code inAll}.
   *
   * @param lack what is missing then, up to the peer's address: {@code no whole OFFER from}
   */
  void limit(Duration silence, Duration inAll, String lack) {
    silenceNanos = silence.toNanos();
    wholeNanos = inAll.toNanos();
    wholeUntil = System.nanoTime() + wholeNanos;
    wholeLack = lack;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    arm();
    try {
      int read = connection.read(target);
      if (read < 0 && deadline.hasExpired()) {
        throw new IOException("stopped");
      }
      return read;
    } catch (IOException e) {
      throw deadline.explain(e);
    } finally {
      deadline.disarm();
    }
  }

  private void arm() {
    long left = wholeNanos == 0 ? Long.MAX_VALUE : wholeUntil - System.nanoTime();
    if (left < silenceNanos) {
      deadline.arm(Math.max(left, 0), wholeLack, wholeNanos, null);
    } else {
      deadline.arm(silenceNanos, SILENT, silenceNanos, progress);
    }
  }
}
