package io.pifleet.agent.upload;

import io.pifleet.protocol.archive.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * How long this device lets a sealed archive lie before it knocks: a fixed place in a window, by a
 * hash of the device's id, so that ten thousand devices whose week ends in the same second do not
 * arrive in the same second, and each of them arrives at the same time every week.
 */
public final class Splay {
  private Splay() {}

  /**
   * @param window as configured; at most a tenth of the period counts, so that a trial with short
   *     periods is not slower than its own data
   * @param period length of a period
   */
  public static Duration of(String device, Duration window, Duration period) {
    Duration limit = period.dividedBy(10);
    long millis = (window.compareTo(limit) < 0 ? window : limit).toMillis();
    ByteBuffer hash = ByteBuffer.allocate(Sha256.BYTES);
    Sha256.of(device.getBytes(StandardCharsets.UTF_8)).write(hash);
    long fraction = hash.getInt(0) & 0xFFFF_FFFFL;
    return Duration.ofMillis((millis * fraction) >>> 32);
  }
}
