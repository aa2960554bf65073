/** What agent and collector must agree on: archive format, conversation, discovery. */
package io.pifleet.protocol;
