package io.pifleet.protocol;

/** The syntax of device and collector ids, which become names of directories. */
public final class DeviceId {
  public static final int MAX_LENGTH = 64;

  private DeviceId() {}

  /** {@code [a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?}. */
  public static boolean isValid(String text) {
    int length = text.length();
    if (length == 0 || length > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      boolean inner = c == '-' && i > 0 && i < length - 1;
      if (!inner && (c < 'a' || c > 'z') && (c < '0' || c > '9')) {
        return false;
      }
    }
    return true;
  }
}
