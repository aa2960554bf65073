/**
 * JSON as both daemons write and read it: single lines, over jackson-core, without data binding.
 */
package io.pifleet.daemon.json;
