package io.pifleet.protocol.transfer;

import io.pifleet.protocol.wire.ProtocolError;
import java.io.IOException;

/** A call to the store, whose failures are the collector's fault and not the connection's. */
@FunctionalInterface
interface StoreCall<T> {
  T run() throws IOException;

  /**
   * @throws RefusedException the store's own, or {@code storage} for whatever went wrong there
   * @throws BusyException the store's own
   */
  static <T> T guarded(StoreCall<T> call) throws RefusedException, BusyException {
    try {
      return call.run();
    } catch (IOException e) {
      throw refusal(e);
    }
  }

  private static RefusedException refusal(IOException failure) throws BusyException {
    if (failure instanceof BusyException busy) {
      throw busy;
    }
    return failure instanceof RefusedException refused
        ? refused
        : new RefusedException(
            ProtocolError.STORAGE, "the store failed: " + failure.getMessage(), failure);
  }
}
