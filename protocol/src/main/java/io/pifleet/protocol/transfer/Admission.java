package io.pifleet.protocol.transfer;

import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** Decides who may transfer now. Thread-safe. */
public interface Admission {
  /**
   * Asks for a slot, before anything is allocated for the device's manifest. Does not block.
   *
   * <p>A device that holds a slot may ask for a second one and should get it even when all are
   * taken (one beyond the limit for each device): its new connection is about to take over the
   * older one, which hangs and would keep the slot until it is timed out.
   *
   * @throws BusyException when none is free
   * @throws RefusedException when this device may not deliver
   */
  Admitted enter(SocketAddress remote, String device) throws BusyException, RefusedException;

  /** A slot, and the memory that goes with it. Owned by one receiver. */
  interface Admitted extends AutoCloseable {
    /** Direct, 64 KiB to 1 MiB; used until {@link #close}. */
    ByteBuffer buffer();

    /** Gives slot and buffer back. Called once. */
    @Override
    void close();
  }
}
