/** Which archive goes to which collector, and when. */
package io.pifleet.agent.upload;
