/** What the running agent answers on its control socket: status, seal, upload. */
package io.pifleet.agent.control;
