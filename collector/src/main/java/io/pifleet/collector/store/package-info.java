/**
 * Where a collector keeps bytes, and the truth about what it has: receiving, committing, reading,
 * verifying and deleting archives. Reading order: {@code StoreLayout}, {@code IncomingArchive},
 * {@code ArchiveCommit}, {@code StoreRecovery}, {@code ArchiveStore}.
 */
package io.pifleet.collector.store;
