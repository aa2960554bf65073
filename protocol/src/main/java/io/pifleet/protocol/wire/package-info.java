/**
 * The bytes of the conversation: preamble, messages, receipt, error table (protocol/README.md,
 * section 3). Knows no socket: whoever reads gives a {@link io.pifleet.protocol.wire.ByteSource}.
 */
package io.pifleet.protocol.wire;
