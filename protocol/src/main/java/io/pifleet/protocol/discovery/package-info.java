/**
 * How agents and collectors find each other without configuration: DNS-SD (RFC 6763) over multicast
 * DNS (RFC 6762), by JmDNS.
 *
 * <p>Everything heard is a hint and never a proof: whoever is connected to must still show who it
 * is. Reading order: {@link io.pifleet.protocol.discovery.MulticastDns}, {@code LinkSession},
 * {@code LinkDns}, {@code KnownServices}. Names, TXT keys and limits: {@code
 * protocol/discovery.md}.
 */
package io.pifleet.protocol.discovery;
