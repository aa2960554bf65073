/**
 * What both daemons are made of: configuration dialect, journal logging, control socket, health,
 * manners of the command line.
 */
package io.pifleet.daemon;
