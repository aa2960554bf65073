/**
 * Manners of the command line: exit status, errors, tables, progress. Reading order: {@link
 * io.pifleet.daemon.cli.CommandRunner}, {@link io.pifleet.daemon.cli.Table}, {@link
 * io.pifleet.daemon.cli.ProgressDisplay}.
 */
package io.pifleet.daemon.cli;
