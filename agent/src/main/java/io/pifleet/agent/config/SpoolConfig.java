package io.pifleet.agent.config;

import io.pifleet.daemon.config.Section;
import java.time.Duration;

/**
 * How the spool behaves.
 *
 * @param flushInterval what a power cut can cost
 * @param segmentMax longest segment in bytes
 * @param maxBytes that the spool may take
 * @param minFreeBytes that it leaves to others on its file system
 * @param minFreeInodes likewise
 * @param whenFull what happens at one of these limits
 */
public record SpoolConfig(
    Duration flushInterval,
    int segmentMax,
    long maxBytes,
    long minFreeBytes,
    long minFreeInodes,
    WhenFull whenFull) {

  /** What gives way at a limit. */
  public enum WhenFull {
    DROP_OLDEST,
    DROP_NEWEST,
    PAUSE
  }

  private static final long MIB = 1 << 20;

  static SpoolConfig from(Section spool) {
    return new SpoolConfig(
        spool.duration(
            "flush-interval",
            Duration.ofSeconds(60),
            Duration.ofSeconds(1),
            Duration.ofMinutes(30)),
        (int) spool.bytes("segment-max", 4 * MIB, MIB / 2, 4 * MIB),
        spool.bytes("max-bytes", 2048 * MIB, 16 * MIB, Long.MAX_VALUE),
        spool.bytes("min-free-bytes", 256 * MIB, 0, Long.MAX_VALUE),
        spool.count("min-free-inodes", 1000, 0, Integer.MAX_VALUE),
        spool.choice("when-full", WhenFull.DROP_OLDEST));
  }
}
