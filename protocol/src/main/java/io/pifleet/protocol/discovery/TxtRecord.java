package io.pifleet.protocol.discovery;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The TXT record of a service: {@code key=value} strings, each behind its length byte (RFC 6763,
 * section 6). Reading is bounded and drops what it does not understand; writing refuses it.
 * Stateless.
 */
final class TxtRecord {
  /** Identity of the service. */
  static final String ID = "id";

  /** IPv6 addresses of the announcing interface, comma separated. */
  static final String V6 = "v6";

  /** Most bytes of a record, both ways: leaves room for the other records in one Ethernet frame. */
  static final int MAX_BYTES = 1_024;

  /** Most IPv6 addresses in {@link #V6}: four of 39 characters stay within one 255-byte string. */
  static final int MAX_V6_ADDRESSES = 4;

  private static final int MAX_STRINGS = 24;
  private static final int MAX_STRING_BYTES = 255; // the length is one byte
  private static final int MAX_KEY_LENGTH = 9; // RFC 6763, section 6.4
  private static final int MAX_V6_LENGTH = 39; // eight groups of four digits

  private TxtRecord() {}

  /**
   * Checks what an announcement wants to say.
   *
   * @throws IllegalArgumentException says which key is wrong and what is wanted
   */
  static void check(Map<String, String> text) {
    if (text.size() > MAX_STRINGS - 2) {
      throw new IllegalArgumentException(
          "TXT has " + text.size() + " keys; wanted: at most " + (MAX_STRINGS - 2));
    }
    for (Map.Entry<String, String> entry : text.entrySet()) {
      String key = entry.getKey();
      if (!isKey(key) || key.equals(ID) || key.equals(V6)) {
        throw new IllegalArgumentException(
            "TXT key is \""
                + excerpt(key)
                + "\"; wanted: 1 to 9 of a-z, 0-9 and hyphens, and neither id nor v6");
      }
      if (!isPrintable(entry.getValue())) {
        throw new IllegalArgumentException("TXT value of " + key + " is not printable ASCII");
      }
    }
    encode("x".repeat(io.pifleet.protocol.DeviceId.MAX_LENGTH), text, List.of());
  }

  /**
   * The bytes of a record.
   *
   * @throws IllegalArgumentException when it gets too long
   */
  static byte[] encode(String id, Map<String, String> text, List<Inet6Address> addresses) {
    List<String> strings = new ArrayList<>(text.size() + 2);
    strings.add(ID + '=' + id);
    // Sorted, so that the same text gives the same bytes and is not announced again.
    for (Map.Entry<String, String> entry : new TreeMap<>(text).entrySet()) {
      strings.add(entry.getKey() + '=' + entry.getValue());
    }
    if (!addresses.isEmpty()) {
      StringBuilder joined = new StringBuilder(V6).append('=');
      int count = Math.min(addresses.size(), MAX_V6_ADDRESSES);
      for (int i = 0; i < count; i++) {
        joined.append(i == 0 ? "" : ",").append(addresses.get(i).getHostAddress());
      }
      strings.add(joined.toString());
    }
    int total = 0;
    for (String string : strings) {
      if (string.length() > MAX_STRING_BYTES) {
        throw new IllegalArgumentException(
            "TXT string \"" + excerpt(string) + "\" is longer than " + MAX_STRING_BYTES + " bytes");
      }
      total += 1 + string.length();
    }
    // A v6 string of the largest size is always allowed for.
    if (total > MAX_BYTES - (addresses.isEmpty() ? 1 + MAX_STRING_BYTES : 0)) {
      throw new IllegalArgumentException(
          "TXT record takes " + total + " bytes; wanted: at most " + MAX_BYTES);
    }
    byte[] bytes = new byte[total];
    int at = 0;
    for (String string : strings) {
      byte[] ascii = string.getBytes(StandardCharsets.US_ASCII);
      bytes[at++] = (byte) ascii.length;
      System.arraycopy(ascii, 0, bytes, at, ascii.length);
      at += ascii.length;
    }
    return bytes;
  }

  /** Reads a record that came from outside; what is malformed or too much is left out. */
  static Map<String, String> decode(byte[] bytes) {
    Map<String, String> text = new LinkedHashMap<>();
    int end = Math.min(bytes.length, MAX_BYTES);
    int at = 0;
    while (at < end && text.size() < MAX_STRINGS) {
      int length = bytes[at++] & 0xff;
      if (length > end - at) {
        break;
      }
      String string = new String(bytes, at, length, StandardCharsets.ISO_8859_1);
      at += length;
      int equals = string.indexOf('=');
      if (equals > 0) {
        String key = lowerCase(string.substring(0, equals));
        String value = string.substring(equals + 1);
        if (isKey(key) && isPrintable(value)) {
          text.putIfAbsent(key, value); // RFC 6763, section 6.4: the first one counts
        }
      }
    }
    return text;
  }

  /** Reads the value of {@link #V6}; what is not an IPv6 literal is left out. */
  static List<Inet6Address> parseV6(String value) {
    List<Inet6Address> addresses = new ArrayList<>();
    for (String literal : value.split(",", MAX_V6_ADDRESSES + 1)) {
      if (addresses.size() < MAX_V6_ADDRESSES && isV6Literal(literal)) {
        try {
          // No name look-up: with a colon in it, it is a literal or an error.
          if (InetAddress.getByName(literal) instanceof Inet6Address address) {
            addresses.add(address);
          }
        } catch (UnknownHostException notAnAddress) {
          // Said by a stranger; the other addresses may be fine.
        }
      }
    }
    return addresses;
  }

  /**
   * Text from outside, cut and with everything but printable ASCII replaced: fit for a log line.
   */
  static String excerpt(String text) {
    if (text == null) {
      return "";
    }
    int length = Math.min(text.length(), 80);
    StringBuilder out = new StringBuilder(length + 1);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      out.append(c >= ' ' && c <= '~' && c != '"' ? c : '?');
    }
    return text.length() > length ? out.append('…').toString() : out.toString();
  }

  private static boolean isV6Literal(String text) {
    if (text.length() < 2 || text.length() > MAX_V6_LENGTH || text.indexOf(':') < 0) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != ':' && Character.digit(c, 16) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isKey(String key) {
    if (key.isEmpty() || key.length() > MAX_KEY_LENGTH) {
      return false;
    }
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
        return false;
      }
    }
    return true;
  }

  private static boolean isPrintable(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < ' ' || value.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  private static String lowerCase(String ascii) {
    return ascii.toLowerCase(java.util.Locale.ROOT);
  }
}
