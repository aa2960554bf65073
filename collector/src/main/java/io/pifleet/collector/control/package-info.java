/** What a running collector answers on its control socket. */
package io.pifleet.collector.control;
