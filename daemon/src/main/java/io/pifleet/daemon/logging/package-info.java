/**
 * Where log lines go and what they look like: Logback, configured in code, because its XML reader
 * costs four mebibytes of resident memory. Entry point: {@link
 * io.pifleet.daemon.logging.DaemonLog}.
 */
package io.pifleet.daemon.logging;
