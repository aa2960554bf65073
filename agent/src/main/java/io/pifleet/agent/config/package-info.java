/** The agent's configuration as values: {@link io.pifleet.agent.config.AgentConfig}. */
package io.pifleet.agent.config;
