/** The command line, {@code pifleet-agent}: one class for each verb. */
package io.pifleet.agent.cli;
