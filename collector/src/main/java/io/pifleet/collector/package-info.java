/** The collector: accept, receive, verify, store, catalog. */
package io.pifleet.collector;
