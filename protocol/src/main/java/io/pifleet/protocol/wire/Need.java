package io.pifleet.protocol.wire;

/**
 * A grant: the collector asks for ranges.
 *
 * @param grant 1 for the first one of an {@link Offer}, then counting up
 * @param ranges at least one
 * @param heldBytes bytes of the archive's segments that the collector has, verified or at the start
 *     of a segment; -1 when not said
 */
public record Need(int grant, Ranges ranges, long heldBytes) implements Message {
  @Override
  public MessageType type() {
    return MessageType.NEED;
  }
}
