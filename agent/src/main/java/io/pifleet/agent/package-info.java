/** The agent: plugins, spool, archive, upload. */
package io.pifleet.agent;
