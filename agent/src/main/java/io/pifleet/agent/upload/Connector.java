package io.pifleet.agent.upload;

import io.pifleet.protocol.transfer.Connection;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Opens connections to collectors. The seam at which a transport is chosen. */
public interface Connector {
  /**
   * Connects, within the protocol's limit for one address.
   *
   * @param address resolved
   */
  Connection connect(InetSocketAddress address) throws IOException;
}
