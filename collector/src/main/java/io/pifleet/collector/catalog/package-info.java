/**
 * What a collector knows about what it stores, in SQLite: quick to ask, and made again from the
 * store when it is lost. Nothing else knows {@code java.sql}.
 */
package io.pifleet.collector.catalog;
