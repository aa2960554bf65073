/** Linux calls through JNA, and nothing else knows JNA. */
package io.pifleet.linux;
