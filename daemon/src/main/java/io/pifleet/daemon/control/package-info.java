/**
 * The control socket: how the command line talks to the daemon that runs on the same machine.
 * Reading order: {@link io.pifleet.daemon.control.ControlServer}, {@link
 * io.pifleet.daemon.control.ControlVerb}, {@link io.pifleet.daemon.control.ControlClient}.
 */
package io.pifleet.daemon.control;
