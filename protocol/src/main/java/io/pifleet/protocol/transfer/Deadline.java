package io.pifleet.protocol.transfer;

import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The time limit of one connection. Its owner arms it before a call that may block and disarms it
 * afterwards; when the limit passes in between, the connection is stopped and {@link #explain} says
 * why. Armed and disarmed by one thread, watched by {@link Deadlines}.
 */
final class Deadline implements AutoCloseable {
  private final Deadlines owner;
  private final Connection connection;
  // All guarded by this, so that nothing is stopped once it was disarmed.
  private boolean armed;
  private long limitNanos;
  private long expiresAt;
  private long looksAt;
  private String lack;
  private long statedNanos;
  private LongSupplier progress;
  private long lastProgress;
  private String expired;

  /** Without effect until {@link Deadlines#watch}. Its owner closes it before the connection. */
  Deadline(Deadlines owner, Connection connection) {
    this.owner = owner;
    this.connection = connection;
  }

  /**
   * @param limitNanos from now
   * @param lack what does not happen, up to the peer's address: {@code no byte from}
   * @param statedNanos the limit to be stated to people
   * @param progress a number that changes as long as the call advances: each change starts the
   *     limit anew. Asked four times within the limit, on the thread of {@link Deadlines}. Null for
   *     none
   */
  synchronized void arm(long limitNanos, String lack, long statedNanos, LongSupplier progress) {
    long now = System.nanoTime();
    this.limitNanos = limitNanos;
    this.lack = lack;
    this.statedNanos = statedNanos;
    this.progress = progress;
    lastProgress = Long.MIN_VALUE;
    expiresAt = now + limitNanos;
    looksAt = now + limitNanos / 4;
    armed = true;
  }

  synchronized void disarm() {
    armed = false;
    progress = null;
  }

  synchronized boolean hasExpired() {
    return expired != null;
  }

  /** What to throw for {@code failure}: the limit that passed, if one did. */
  synchronized IOException explain(IOException failure) {
    return expired == null || failure instanceof StalledException
        ? failure
        : new StalledException(expired, failure);
  }

  synchronized void look(long now) {
    if (!armed) {
      return;
    }
    if (progress != null && now - looksAt >= 0) {
      looksAt = now + limitNanos / 4;
      long value = progress.getAsLong();
      if (value != lastProgress) {
        // The first look only learns where the call stands: the limit counts from its start.
        expiresAt = lastProgress == Long.MIN_VALUE ? expiresAt : now + limitNanos;
        lastProgress = value;
      }
    }
    if (now - expiresAt >= 0) {
      armed = false;
      expired = lack + " " + connection.remote() + " for " + text(statedNanos);
      connection.stop();
    }
  }

  private static String text(long nanos) {
    long millis = Duration.ofNanos(nanos).toMillis();
    return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
  }

  @Override
  public void close() {
    disarm();
    owner.forget(this);
  }
}
