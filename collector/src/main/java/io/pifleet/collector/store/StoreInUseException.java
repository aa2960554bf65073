package io.pifleet.collector.store;

import java.io.IOException;

/** Another collector holds the lock of this store. */
public final class StoreInUseException extends IOException {
  private static final long serialVersionUID = 1L;

  StoreInUseException(String message) {
    super(message);
  }
}
