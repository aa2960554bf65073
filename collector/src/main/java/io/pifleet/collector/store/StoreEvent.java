package io.pifleet.collector.store;

/**
 * Something that happened to what is stored, for the log and the catalog.
 *
 * @param kind what
 * @param device whose archive it concerns; empty when none
 * @param text for people: which archive, and what was done
 */
public record StoreEvent(Kind kind, String device, String text) {
  /** What happened. */
  public enum Kind {
    /** An archive's name was taken by another digest; it is kept beside it. */
    CONFLICT,
    /** An archive that had its name but no receipt yet was verified and given one. */
    ADOPTED,
    /** An archive that had its name but no receipt did not verify; it is incoming again. */
    RETURNED,
    /** An archive that was stored is gone, and the collector did not delete it. */
    VANISHED,
    /** Files of an archive contradict each other. */
    DAMAGED,
    /** Something incomplete was given up. */
    DROPPED,
    /** An archive or a device was deleted on purpose. */
    DELETED
  }

  /** Takes events; must not block for long. */
  public interface Listener {
    void happened(StoreEvent event);
  }
}
