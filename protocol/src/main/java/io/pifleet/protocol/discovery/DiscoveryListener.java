package io.pifleet.protocol.discovery;

/**
 * Hears of services coming and going. Called on the thread {@code discovery}, one call at a time;
 * must not block, since nothing else is noticed meanwhile.
 */
public interface DiscoveryListener {
  /** A service was found, or something of a known one changed (address, port, text). */
  void found(Discovered service);

  /** A service said goodbye, or was not heard of any more for the life of its records. */
  void lost(ServiceType type, String id);
}
