/** The plugin {@code exec}: a command that writes line protocol to its standard output. */
package io.pifleet.agent.plugin.exec;
