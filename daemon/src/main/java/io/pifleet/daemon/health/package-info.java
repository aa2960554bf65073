/** Whether the daemon still does its work, and what the service manager is told about it. */
package io.pifleet.daemon.health;
