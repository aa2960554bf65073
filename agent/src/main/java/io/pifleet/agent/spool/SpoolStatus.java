package io.pifleet.agent.spool;

import java.time.Instant;
import java.util.Optional;

/**
 * How the spool stands at one moment.
 *
 * @param bytes on disk, everything in the directory; -1 when it cannot be read
 * @param maxBytes of the settings
 * @param openPart its archive name, or empty while the time is not known
 * @param openSince start of the open part
 * @param records taken into the open part and durable
 * @param files taken into the open part and durable
 * @param gaps recorded in the open part
 * @param recordsLost refused since the start, all plugins
 * @param filesWaiting in the queue
 * @param fileInHand the file that is being taken, if it is a large one
 * @param lastFlush when records became durable last
 * @param archivesWaiting sealed archives in the spool; -1 when it cannot be read
 * @param clockKnown whether the wall clock is believed
 * @param problem why the spool cannot write, if it cannot
 */
public record SpoolStatus(
    long bytes,
    long maxBytes,
    String openPart,
    Instant openSince,
    long records,
    long files,
    int gaps,
    long recordsLost,
    int filesWaiting,
    Optional<String> fileInHand,
    Optional<Instant> lastFlush,
    int archivesWaiting,
    boolean clockKnown,
    Optional<String> problem) {}
