/** What {@code /etc/pifleet/collector.conf} says. */
package io.pifleet.collector.config;
