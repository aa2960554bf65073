package io.pifleet.agent.config;

import io.pifleet.agent.spool.SpoolSettings;
import io.pifleet.agent.spool.WhenFull;
import io.pifleet.daemon.config.Section;
import io.pifleet.protocol.archive.SegmentTable;
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
  private static final long MIB = 1 << 20;

  static SpoolConfig from(Section spool) {
    return new SpoolConfig(
        spool.duration(
            "flush-interval",
            SpoolSettings.DEFAULT_FLUSH_INTERVAL,
            Duration.ofSeconds(1),
            Duration.ofMinutes(30)),
        (int)
            spool.bytes(
                "segment-max",
                SegmentTable.MAX_SEGMENT_BYTES,
                SpoolSettings.MIN_SEGMENT_BYTES,
                SegmentTable.MAX_SEGMENT_BYTES),
        spool.bytes("max-bytes", SpoolSettings.DEFAULT_MAX_BYTES, 16 * MIB, Long.MAX_VALUE),
        spool.bytes("min-free-bytes", SpoolSettings.DEFAULT_MIN_FREE_BYTES, 0, Long.MAX_VALUE),
        spool.count(
            "min-free-inodes", (int) SpoolSettings.DEFAULT_MIN_FREE_INODES, 0, Integer.MAX_VALUE),
        spool.choice("when-full", WhenFull.DROP_OLDEST));
  }
}
