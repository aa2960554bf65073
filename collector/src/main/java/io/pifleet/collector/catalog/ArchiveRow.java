package io.pifleet.collector.catalog;

import io.pifleet.collector.store.StoredArchive;
import java.time.Instant;

/**
 * A stored archive and how it was found when it was read last.
 *
 * @param archive what is stored
 * @param verified when it was read again; null when never
 * @param findings how many things were wrong with it then
 */
public record ArchiveRow(StoredArchive archive, Instant verified, int findings) {}
