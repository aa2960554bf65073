package io.pifleet.agent.upload;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.transfer.ArchiveSender;
import io.pifleet.protocol.transfer.SendProgress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** What the upload thread does, kept for those who ask: it writes, any thread reads. */
final class UploadWatch implements SendProgress {
  private final List<Consumer<UploadStatus.LastReceipt>> listeners = new CopyOnWriteArrayList<>();
  // All guarded by this.
  private int waiting;
  private String doing = "starting";
  private Optional<String> lastError = Optional.empty();
  private Optional<Instant> nextTry = Optional.empty();
  private Optional<UploadStatus.LastReceipt> lastReceipt = Optional.empty();
  private Running running;
  private long resumedAtBytes;
  private long acknowledgedBytes;
  private long movedNanos = System.nanoTime();

  /** A transfer; its sender knows at any time what has been acknowledged. */
  private record Running(
      ArchiveName archive,
      String collector,
      long totalBytes,
      ArchiveSender sender,
      long startedNanos) {}

  synchronized UploadStatus status() {
    look();
    return new UploadStatus(
        waiting, Optional.ofNullable(transfer()), doing, lastError, nextTry, lastReceipt);
  }

  private UploadStatus.Transfer transfer() {
    return running == null
        ? null
        : new UploadStatus.Transfer(
            running.archive,
            running.collector,
            acknowledgedBytes,
            running.totalBytes,
            resumedAtBytes,
            running.startedNanos,
            movedNanos);
  }

  /** A range of 4 MiB takes an hour on a slow link: that it moves shows in this figure alone. */
  private void look() {
    if (running != null && resumedAtBytes >= 0) {
      long acknowledged = Math.min(running.sender.acknowledgedBytes(), running.totalBytes);
      if (acknowledged != acknowledgedBytes) {
        acknowledgedBytes = acknowledged;
        movedNanos = System.nanoTime();
      }
    }
  }

  /** Nanoseconds since the upload thread showed a sign of life, or the running transfer moved. */
  synchronized long silentNanos() {
    look();
    return System.nanoTime() - movedNanos;
  }

  /** The upload thread is alive. */
  synchronized void beat() {
    movedNanos = System.nanoTime();
  }

  /** True when that is another number than before. */
  synchronized boolean waiting(int archives) {
    boolean changed = waiting != archives;
    waiting = archives;
    return changed;
  }

  synchronized void idle(String sentence, Optional<Instant> next) {
    doing = sentence;
    nextTry = next;
  }

  synchronized void failed(String problem) {
    lastError = Optional.of(problem);
  }

  synchronized void sending(
      ArchiveName archive, String collector, long totalBytes, ArchiveSender sender) {
    long now = System.nanoTime();
    running = new Running(archive, collector, totalBytes, sender, now);
    resumedAtBytes = -1;
    acknowledgedBytes = 0;
    movedNanos = now;
    doing = sentence();
    nextTry = Optional.empty();
  }

  private String sentence() {
    return "sending " + running.archive + " to " + running.collector;
  }

  @Override
  public synchronized void advanced(long heldBytes, long grantedBytes, long sentBytes) {
    movedNanos = System.nanoTime();
    if (running != null) {
      doing = sentence();
      resumedAtBytes = heldBytes;
    }
  }

  @Override
  public synchronized void waiting(String collectorDoes, long done, long total) {
    movedNanos = System.nanoTime();
    if (running != null) {
      doing = running.collector + " is " + (collectorDoes.isEmpty() ? "working" : collectorDoes);
    }
  }

  /** What the collector held verified when the running transfer began; -1 until it says so. */
  synchronized long resumedAtBytes() {
    return running == null ? -1 : resumedAtBytes;
  }

  void stored(UploadStatus.LastReceipt receipt) {
    synchronized (this) {
      lastReceipt = Optional.of(receipt);
      lastError = Optional.empty();
    }
    listeners.forEach(listener -> listener.accept(receipt));
  }

  synchronized void ended() {
    running = null;
  }

  void listen(Consumer<UploadStatus.LastReceipt> listener) {
    listeners.add(listener);
  }

  void forget(Consumer<UploadStatus.LastReceipt> listener) {
    listeners.remove(listener);
  }
}
