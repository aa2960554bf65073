package io.pifleet.agent.spool;

import io.pifleet.protocol.archive.SegmentTable;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What the spool has to know of the configuration.
 *
 * @param directory is made when absent; its parent must exist
 * @param period how time is cut
 * @param flushInterval what a power cut can cost; 1 s or more
 * @param segmentMaxBytes {@link #MIN_SEGMENT_BYTES} to {@link SegmentTable#MAX_SEGMENT_BYTES}
 * @param maxBytes of the whole spool
 * @param minFreeBytes left on the file system for others
 * @param minFreeInodes left on the file system for others
 * @param whenFull reaction to any of the three limits
 * @param receiptsRequired receipts from different collectors that let an archive be deleted
 */
public record SpoolSettings(
    Path directory,
    PeriodRule period,
    Duration flushInterval,
    int segmentMaxBytes,
    long maxBytes,
    long minFreeBytes,
    long minFreeInodes,
    WhenFull whenFull,
    int receiptsRequired) {
  /** Two frames and the headers must fit. */
  public static final int MIN_SEGMENT_BYTES = 512 << 10;

  public static final Duration DEFAULT_FLUSH_INTERVAL = Duration.ofSeconds(60);
  public static final long DEFAULT_MAX_BYTES = 2L << 30;
  public static final long DEFAULT_MIN_FREE_BYTES = 256L << 20;
  public static final long DEFAULT_MIN_FREE_INODES = 1_000;

  public SpoolSettings {
    if (segmentMaxBytes < MIN_SEGMENT_BYTES || segmentMaxBytes > SegmentTable.MAX_SEGMENT_BYTES) {
      throw new IllegalArgumentException(
          "segment-max is "
              + segmentMaxBytes
              + " bytes; wanted: "
              + MIN_SEGMENT_BYTES
              + " to "
              + SegmentTable.MAX_SEGMENT_BYTES);
    }
    if (flushInterval.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("flush-interval is " + flushInterval + "; wanted: >= 1 s");
    }
    if (receiptsRequired < 1) {
      throw new IllegalArgumentException("receipts-required is " + receiptsRequired);
    }
  }

  /** The documented defaults. */
  public static SpoolSettings defaults(Path directory) {
    return new SpoolSettings(
        directory,
        PeriodRule.isoWeek(),
        DEFAULT_FLUSH_INTERVAL,
        SegmentTable.MAX_SEGMENT_BYTES,
        DEFAULT_MAX_BYTES,
        DEFAULT_MIN_FREE_BYTES,
        DEFAULT_MIN_FREE_INODES,
        WhenFull.DROP_OLDEST,
        1);
  }

  public SpoolSettings withPeriod(PeriodRule rule) {
    return new SpoolSettings(
        directory,
        rule,
        flushInterval,
        segmentMaxBytes,
        maxBytes,
        minFreeBytes,
        minFreeInodes,
        whenFull,
        receiptsRequired);
  }

  public SpoolSettings withFlushInterval(Duration interval) {
    return new SpoolSettings(
        directory,
        period,
        interval,
        segmentMaxBytes,
        maxBytes,
        minFreeBytes,
        minFreeInodes,
        whenFull,
        receiptsRequired);
  }

  public SpoolSettings withLimits(
      long newMaxBytes, long newMinFreeBytes, long newMinFreeInodes, WhenFull reaction) {
    return new SpoolSettings(
        directory,
        period,
        flushInterval,
        segmentMaxBytes,
        newMaxBytes,
        newMinFreeBytes,
        newMinFreeInodes,
        reaction,
        receiptsRequired);
  }
}
