package io.pifleet.agent;

import io.pifleet.agent.upload.Connector;
import io.pifleet.protocol.transfer.Connection;
import io.pifleet.protocol.transfer.PlainConnection;
import io.pifleet.protocol.transfer.SenderLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.LongSupplier;

/** TCP as it is, for networks that are trusted. */
final class PlainConnector implements Connector {
  private final LongSupplier bytesPerSecond;

  /**
   * @param bytesPerSecond that the kernel lets out of a connection; 0: as many as there are
   */
  PlainConnector(LongSupplier bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  @Override
  public Connection connect(InetSocketAddress address) throws IOException {
    PlainConnection connection = PlainConnection.connect(address, SenderLimits.DEFAULT.connect());
    long rate = bytesPerSecond.getAsLong();
    if (rate > 0) {
      try {
        connection.pace(rate);
      } catch (IOException e) {
        connection.close();
        throw e;
      }
    }
    return connection;
  }
}
