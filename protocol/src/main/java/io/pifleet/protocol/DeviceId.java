package io.pifleet.protocol;

/**
 * The syntax of the name by which a device or a collector is known: {@code
 * [a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?}.
 *
 * <p>It becomes the name of a directory and part of a host name, and stands in logs without
 * quoting. Stateless.
 */
public final class DeviceId {
  /** Most characters of an id; one more than one DNS label holds, so it is not always a label. */
  public static final int MAX_LENGTH = 64;

  /** The syntax in words, for error messages. */
  public static final String WANTED =
      "1 to " + MAX_LENGTH + " of a-z, 0-9 and hyphens, no hyphen first or last";

  private DeviceId() {}

  /** Whether {@code text} is an id; looks at no more than {@value #MAX_LENGTH} characters. */
  public static boolean isValid(String text) {
    int length = text == null ? 0 : text.length();
    if (length == 0 || length > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      boolean innerHyphen = c == '-' && i > 0 && i < length - 1;
      if (!alphanumeric && !innerHyphen) {
        return false;
      }
    }
    return true;
  }
}
