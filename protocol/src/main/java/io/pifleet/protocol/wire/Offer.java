package io.pifleet.protocol.wire;

import io.pifleet.protocol.ArchiveName;
import java.util.UUID;

/**
 * A device offers an archive. The manifest is the last field and not part of this value: whoever
 * writes puts its bytes behind {@link MessageWriter#encode}, whoever reads decides on the rest
 * first and then calls {@link MessageReader#manifest}.
 *
 * @param device see {@link io.pifleet.protocol.DeviceId}
 * @param name period and part
 * @param attempt 16 random bytes, new for every connection
 * @param agent version of the agent; may be empty
 * @param manifestBytes length of the manifest, 1 to 1,048,576
 */
public record Offer(String device, ArchiveName name, UUID attempt, String agent, int manifestBytes)
    implements Message {
  @Override
  public MessageType type() {
    return MessageType.OFFER;
  }
}
