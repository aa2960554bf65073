package io.pifleet.collector.store;

import java.time.Duration;

/**
 * @param collectorId stands in receipts
 * @param minFreeBytes that archives never take from the file system
 * @param incomingMaxAge how long something incomplete is kept after its last byte
 */
public record StoreSettings(String collectorId, long minFreeBytes, Duration incomingMaxAge) {}
