package io.pifleet.agent.spool;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.agent.plugin.FileSink;
import io.pifleet.agent.plugin.RecordSink;
import io.pifleet.protocol.ArchiveName;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * Takes what plugins produce, makes it durable, and seals it into archives. Owns the threads {@code
 * records} and {@code files}. Thread-safe.
 */
public final class Spool implements Closeable, RecordSink, FileSink {
  private final SealedArchives archives;

  private Spool(SpoolSettings settings) {
    this.archives = SealedArchives.in(settings.directory());
  }

  /**
   * Recovers what an earlier run left behind, and continues or opens a part. Takes as long as
   * reading the open segments and journals takes. One process holds a spool: a second one gets an
   * exception.
   *
   * @param device see {@link io.pifleet.protocol.DeviceId}
   * @param agentVersion at most 64 characters, for manifests
   */
  public static Spool open(
      SpoolSettings settings,
      DeviceClock clock,
      String device,
      String agentVersion,
      SpoolListener listener)
      throws IOException {
    return new Spool(settings);
  }

  /** Starts the two threads. Once. */
  public void start() {}

  @Override
  public boolean accept(String plugin, byte[] lines, int offset, int length, int records) {
    return false;
  }

  @Override
  public Answer ask(FileChange change) {
    return Answer.NEW;
  }

  @Override
  public boolean offer(FileChange change) {
    return false;
  }

  @Override
  public void scanned(String plugin) {}

  /**
   * Records that data is missing. Adjoining intervals with the same source, reason and detail
   * become one. Durable with the next flush.
   *
   * @param source plugin, or "agent"
   * @param reason a word of protocol/README.md section 2.4
   * @param records how many were lost, -1 when nobody knows
   * @param detail for people, may be empty
   */
  public void gap(
      Instant from, Instant to, String source, String reason, long records, String detail) {}

  /**
   * Ends the open part now, with everything that was accepted and queued before the call, and waits
   * until its archive is durable.
   *
   * @return the archives that were sealed since the call; empty when there was nothing to seal
   * @throws TimeoutException when it takes longer; the part is sealed nevertheless when the file in
   *     hand is through
   * @throws IOException when the spool cannot write now
   */
  public List<ArchiveName> seal(Duration limit)
      throws IOException, InterruptedException, TimeoutException {
    return List.of();
  }

  public SpoolStatus status() {
    return new SpoolStatus(
        0,
        0,
        "",
        Instant.EPOCH,
        0,
        0,
        0,
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        0,
        false,
        Optional.empty());
  }

  /** The sealed archives. */
  public SealedArchives archives() {
    return archives;
  }

  /** Takes new settings; the directory stays what it was. Effective with the next flush. */
  public void reconfigure(SpoolSettings changed) {}

  /**
   * Flushes, and stops within 3 s. The open part stays open for the next run; a large file in hand
   * is taken again by it.
   */
  @Override
  public void close() throws IOException {}
}
