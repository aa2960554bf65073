/** The verbs of {@code pifleet-collector}, one class each. */
package io.pifleet.collector.cli;
