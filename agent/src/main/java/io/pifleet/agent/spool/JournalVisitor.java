package io.pifleet.agent.spool;

import java.io.IOException;

/** Sees the entries of a journal in their order; those that were taken back are left out. */
interface JournalVisitor {
  /** Before each entry: where its line begins and where the next one does. */
  default void at(long offset, long next) {}

  default void begun(JournalEntry.Begun entry) throws IOException {}

  default void ended(JournalEntry.Ended entry) throws IOException {}

  default void recordsOpened(JournalEntry.RecordsOpened entry) throws IOException {}

  default void recordsSealed(JournalEntry.RecordsSealed entry) throws IOException {}

  default void fileTaken(JournalEntry.FileTaken entry) throws IOException {}

  default void filesSealed(JournalEntry.FilesSealed entry) throws IOException {}

  default void sliceSealed(JournalEntry.SliceSealed entry) throws IOException {}

  default void largeFileTaken(JournalEntry.LargeFileTaken entry) throws IOException {}

  default void voided(JournalEntry.Voided entry) throws IOException {}

  default void gapFound(JournalEntry.GapFound entry) throws IOException {}

  default void clockSeen(JournalEntry.ClockSeen entry) throws IOException {}

  default void carried(JournalEntry.Carried entry) throws IOException {}
}
