package io.pifleet.protocol.discovery;

import io.pifleet.protocol.DeviceId;
import java.util.Map;

/**
 * What this machine says of one service of its own. The addresses are not in it: each interface
 * announces its own.
 *
 * @param type agent or collector; one of each per {@link MulticastDns}
 * @param id the identity, in the syntax of {@link DeviceId}
 * @param port TCP port, 1 to 65,535
 * @param text further TXT keys, e.g. version, transport, waiting: keys of 1 to 9 of {@code a-z 0-9
 *     -}, values of printable ASCII; {@code id} and {@code v6} are added and may not be in it
 */
public record Announcement(ServiceType type, String id, int port, Map<String, String> text) {
  // One DNS label of 63 bytes, less what a conflict appends: " (123)".
  private static final int MAX_INSTANCE_LENGTH = 57;

  /**
   * Checks all of it.
   *
   * @throws IllegalArgumentException says which value is wrong and what is wanted
   */
  public Announcement {
    if (!DeviceId.isValid(id)) {
      throw new IllegalArgumentException(
          "id is \"" + TxtRecord.excerpt(id) + "\"; wanted: " + DeviceId.WANTED);
    }
    if (port < 1 || port > 0xffff) {
      throw new IllegalArgumentException("port is " + port + "; wanted: 1 to 65535");
    }
    text = Map.copyOf(text);
    TxtRecord.check(text);
  }

  /** What people see in {@code avahi-browse}; nobody may take it for the identity. */
  String instanceName() {
    return id.substring(0, Math.min(id.length(), MAX_INSTANCE_LENGTH));
  }

  Announcement withText(Map<String, String> newText) {
    return new Announcement(type, id, port, newText);
  }
}
