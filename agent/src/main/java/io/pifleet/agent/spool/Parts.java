package io.pifleet.agent.spool;

import io.pifleet.protocol.ArchiveName;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The parts that are not archives yet, oldest first. Records go into the last one; the thread
 * {@code files} works on the first one and makes an archive of it when it is closing. There is
 * always a last one. Thread-safe.
 */
final class Parts {
  private static final int REMEMBERED = 64;

  private final Path spool;
  private final String device;
  private final PartNames names;
  private final Deque<OpenPart> open = new ArrayDeque<>();
  private final Deque<Long> sealedNumbers = new ArrayDeque<>();
  private final Deque<ArchiveName> sealedNames = new ArrayDeque<>();
  private long sealed;
  private ArchiveName unused; // given to a part that could not be made or named, or null

  Parts(Path spool, String device, PartNames names) {
    this.spool = spool;
    this.device = device;
    this.names = names;
  }

  /** A part that recovery found. */
  synchronized void adopt(OpenPart part) {
    open.addLast(part);
  }

  /** Where records go. */
  synchronized OpenPart last() {
    return open.getLast();
  }

  /** Where files go. */
  synchronized OpenPart first() {
    return open.getFirst();
  }

  /** The one behind the first. */
  synchronized OpenPart second() {
    var parts = open.iterator();
    parts.next();
    return parts.next();
  }

  synchronized boolean isEmpty() {
    return open.isEmpty();
  }

  /** All of them, oldest first. */
  synchronized List<OpenPart> all() {
    return new ArrayList<>(open);
  }

  /** Opens the next part. */
  synchronized OpenPart openNext(Period period, Instant from) throws IOException {
    ArchiveName name = freeName(period);
    OpenPart part;
    try {
      part = OpenPart.create(spool, device, name.toString(), from, period.end());
    } catch (FileAlreadyExistsException e) {
      unused = null; // this name will never do
      throw e;
    }
    unused = null;
    open.addLast(part);
    return part;
  }

  /** The same one again until a part has it: a full disk must not use up a name each second. */
  private ArchiveName freeName(Period period) throws IOException {
    if (unused == null || !unused.period().equals(period.name())) {
      unused = names.take(period.name());
    }
    return unused;
  }

  /** Opens a part that gets its name when the time is known. */
  synchronized OpenPart openUnnamed(Instant from) throws IOException {
    OpenPart part = OpenPart.create(spool, device, "", from, from);
    open.addLast(part);
    return part;
  }

  /** Gives the last part its name. */
  synchronized void assignName(Period period, Instant from) throws IOException {
    last().assignName(freeName(period), from, period.end());
    unused = null;
  }

  /**
   * The first part is an archive now, or is gone.
   *
   * @param name empty when it left no archive
   */
  synchronized void removeFirst(Optional<ArchiveName> name) {
    open.removeFirst();
    if (name.isPresent()) {
      sealedNames.addLast(name.get());
      sealedNumbers.addLast(++sealed);
      if (sealedNames.size() > REMEMBERED) {
        sealedNames.removeFirst();
        sealedNumbers.removeFirst();
      }
    }
    notifyAll();
  }

  /** How many parts became archives since the start. */
  synchronized long sealedCount() {
    return sealed;
  }

  /** Names of those that became archives after {@code count} had, the newest 64 at most. */
  synchronized List<ArchiveName> sealedSince(long count) {
    List<ArchiveName> result = new ArrayList<>();
    var numbers = sealedNumbers.iterator();
    for (ArchiveName name : sealedNames) {
      if (numbers.next() > count) {
        result.add(name);
      }
    }
    return result;
  }

  /**
   * Waits until {@code part} is not open any more.
   *
   * @return false when the time was up first
   */
  synchronized boolean awaitRemoval(OpenPart part, long deadlineNanos) throws InterruptedException {
    while (open.contains(part)) {
      long left = deadlineNanos - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
    return true;
  }
}
