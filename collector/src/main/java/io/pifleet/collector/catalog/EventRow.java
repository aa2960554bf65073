package io.pifleet.collector.catalog;

import java.time.Instant;

/**
 * Something that happened.
 *
 * @param at when
 * @param kind one word
 * @param device empty when it concerns none
 * @param text for people
 */
public record EventRow(Instant at, String kind, String device, String text) {}
