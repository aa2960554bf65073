package io.pifleet.agent.spool;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.agent.plugin.FileSink;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Changes on their way into the spool: a bounded queue, and what is known of all others. Plugins'
 * threads ask and offer; the thread {@code files} takes, and says what became of each.
 */
final class FileIntake implements FileSink {
  /** A full queue waits for the next scan; each that waits costs some 300 bytes. */
  private static final int MAX_QUEUED = 1024;

  private final TakenChanges taken;
  private final DeviceClock clock;
  private final Deque<FileChange> queue = new ArrayDeque<>();
  // In the queue, in hand, or written and not durable.
  private final Set<Fingerprint> pending = new HashSet<>();
  private final List<Fingerprint> written = new ArrayList<>();
  private Runnable wake = () -> {};
  private boolean refusing;
  private boolean inHand;

  FileIntake(TakenChanges taken, DeviceClock clock) {
    this.taken = taken;
    this.clock = clock;
  }

  /** What to call when something was queued. */
  synchronized void onOffer(Runnable newWake) {
    wake = newWake;
  }

  /** Takes nothing new while the spool is full. */
  synchronized void refuse(boolean on) {
    refusing = on;
  }

  @Override
  public Answer ask(FileChange change) {
    tellDay();
    Fingerprint fingerprint = Fingerprint.of(change);
    if (taken.contains(fingerprint)) {
      return Answer.TAKEN;
    }
    synchronized (this) {
      // Between the two looks it may have become durable: it leaves this set last.
      return pending.contains(fingerprint)
          ? Answer.QUEUED
          : taken.contains(fingerprint) ? Answer.TAKEN : Answer.NEW;
    }
  }

  @Override
  public boolean offer(FileChange change) {
    Fingerprint fingerprint = Fingerprint.of(change);
    Runnable call;
    synchronized (this) {
      if (pending.contains(fingerprint) || taken.contains(fingerprint)) {
        return true; // nothing to do
      }
      if (refusing || queue.size() >= MAX_QUEUED || taken.count() >= TakenChanges.MAX_CHANGES) {
        return false;
      }
      queue.add(change);
      pending.add(fingerprint);
      call = wake;
    }
    call.run();
    return true;
  }

  @Override
  public void scanned(String plugin) {
    tellDay();
    taken.forgetUnseen(plugin);
  }

  /** Why files that are new wait at their place, if they do. */
  Optional<String> problem() {
    return taken.count() < TakenChanges.MAX_CHANGES
        ? Optional.empty()
        : Optional.of(
            "%d files are known as taken, and no more can be: new ones wait until old ones are gone for 2 days; take away from the paths what need not be watched"
                .formatted(TakenChanges.MAX_CHANGES));
  }

  private void tellDay() {
    if (clock.known()) {
      taken.today(Math.floorDiv(clock.now().getEpochSecond(), 86_400L));
    }
  }

  synchronized int queued() {
    return queue.size();
  }

  /** Neither queued, nor in hand, nor waiting to become durable. */
  synchronized boolean isIdle() {
    return pending.isEmpty();
  }

  /** Queued or in hand. */
  synchronized int waiting() {
    return queue.size() + (inHand ? 1 : 0);
  }

  /** The next change, or null. It stays pending until one of the methods below is called for it. */
  synchronized FileChange poll() {
    FileChange change = queue.poll();
    inHand = change != null;
    return change;
  }

  /** It will be taken later. */
  synchronized void putBack(FileChange change) {
    queue.addFirst(change);
    inHand = false;
  }

  /** It was not taken; it may be offered again. */
  synchronized void dropped(FileChange change) {
    pending.remove(Fingerprint.of(change));
    inHand = false;
  }

  /** It is written, and durable with the next {@link #committed}. */
  synchronized void written(FileChange change) {
    written.add(Fingerprint.of(change));
    inHand = false;
  }

  /** What was written is durable. */
  synchronized void committed() {
    for (Fingerprint change : written) {
      taken.add(change);
      pending.remove(change);
    }
    written.clear();
  }
}
