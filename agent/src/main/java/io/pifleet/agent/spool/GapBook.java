package io.pifleet.agent.spool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Gaps that are not in a journal yet. Thread-safe. */
final class GapBook {
  // More different ones than this between two flushes, and the oldest are told as one.
  private static final int MAX_WAITING = 128;

  private final List<Gap> waiting = new ArrayList<>();
  private final GapMerger merger = new GapMerger(this::keep);
  private long recordsLost;

  synchronized void add(Gap gap) {
    recordsLost += Math.max(0, gap.records());
    try {
      merger.add(gap);
    } catch (IOException e) {
      throw new IllegalStateException("a list in memory takes everything", e);
    }
  }

  synchronized long recordsLost() {
    return recordsLost;
  }

  /** Journals what there is; after a failure it is still here. */
  void flushTo(OpenPart part) throws IOException {
    JournalEntry[] entries;
    synchronized (this) {
      merger.flush();
      entries = waiting.stream().map(JournalEntry.GapFound::new).toArray(JournalEntry[]::new);
    }
    if (entries.length > 0) {
      part.append(entries);
      synchronized (this) {
        waiting.subList(0, entries.length).clear();
      }
    }
  }

  /** Under the monitor: the merger is only called there. */
  private void keep(Gap gap) {
    if (waiting.size() == MAX_WAITING) {
      Gap first = waiting.remove(0);
      Gap second = waiting.remove(0);
      Gap both = first.with(second);
      waiting.add(
          0,
          new Gap(
              both.from(),
              both.to(),
              first.source().equals(second.source()) ? first.source() : Gap.AGENT,
              first.reason().equals(second.reason()) ? first.reason() : Gap.UNTOLD,
              both.records(),
              "several gaps, too many to be told one by one"));
    }
    waiting.add(gap);
  }
}
