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
  private volatile int waiting;
  private volatile String doing = "starting";
  private volatile Optional<String> lastError = Optional.empty();
  private volatile Optional<Instant> nextTry = Optional.empty();
  private volatile Optional<UploadStatus.LastReceipt> lastReceipt = Optional.empty();
  private volatile Running running;
  private volatile long movedNanos = System.nanoTime();

  /** A transfer; the sender knows at any time what has been acknowledged. */
  private record Running(
      ArchiveName archive,
      String collector,
      long totalBytes,
      ArchiveSender sender,
      long startedNanos,
      long resumedAtBytes) {}

  UploadStatus status() {
    Running now = running;
    Optional<UploadStatus.Transfer> transfer =
        now == null
            ? Optional.empty()
            : Optional.of(
                new UploadStatus.Transfer(
                    now.archive,
                    now.collector,
                    Math.min(now.sender.acknowledgedBytes(), now.totalBytes),
                    now.totalBytes,
                    now.resumedAtBytes,
                    now.startedNanos));
    return new UploadStatus(waiting, transfer, doing, lastError, nextTry, lastReceipt);
  }

  /** True when that is another number than before. */
  boolean waiting(int archives) {
    boolean changed = waiting != archives;
    waiting = archives;
    return changed;
  }

  /** When a transfer moved last, {@link System#nanoTime}. */
  long movedNanos() {
    return movedNanos;
  }

  void idle(String sentence, Optional<Instant> next) {
    doing = sentence;
    nextTry = next;
  }

  void failed(String problem) {
    lastError = Optional.of(problem);
  }

  void sending(ArchiveName archive, String collector, long totalBytes, ArchiveSender sender) {
    doing = "sending " + archive + " to " + collector;
    nextTry = Optional.empty();
    running = new Running(archive, collector, totalBytes, sender, System.nanoTime(), -1);
  }

  @Override
  public void advanced(long heldBytes, long grantedBytes, long sentBytes) {
    movedNanos = System.nanoTime();
    Running now = running;
    if (now != null && now.resumedAtBytes < 0) {
      running =
          new Running(
              now.archive, now.collector, now.totalBytes, now.sender, now.startedNanos, heldBytes);
    }
  }

  @Override
  public void waiting(String collectorDoes, long done, long total) {
    movedNanos = System.nanoTime();
    Running now = running;
    if (now != null) {
      doing = now.collector + " is " + (collectorDoes.isEmpty() ? "working" : collectorDoes);
    }
  }

  void stored(UploadStatus.LastReceipt receipt) {
    lastReceipt = Optional.of(receipt);
    lastError = Optional.empty();
    listeners.forEach(listener -> listener.accept(receipt));
  }

  void ended() {
    running = null;
  }

  void listen(Consumer<UploadStatus.LastReceipt> listener) {
    listeners.add(listener);
  }

  void forget(Consumer<UploadStatus.LastReceipt> listener) {
    listeners.remove(listener);
  }
}
