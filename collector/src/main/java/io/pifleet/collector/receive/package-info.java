/**
 * Lets devices in: listening, who may deliver now, one thread per connection, what is counted and
 * logged of it. Reading order: {@code Listener}, {@code Reception}, {@code TransferSlots}, {@code
 * ReceptionLog}.
 */
package io.pifleet.collector.receive;
