/**
 * The conversation (protocol/README.md, section 3): {@link
 * io.pifleet.protocol.transfer.ArchiveSender} on the device, {@link
 * io.pifleet.protocol.transfer.ArchiveReceiver} on the collector, over a {@link
 * io.pifleet.protocol.transfer.Connection}. What they need of a spool and of a store is declared
 * here and implemented elsewhere.
 */
package io.pifleet.protocol.transfer;
