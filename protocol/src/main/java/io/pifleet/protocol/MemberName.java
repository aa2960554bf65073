package io.pifleet.protocol;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * The syntax of a member's name, without the {@code DEVICE/ARCHIVE/} that the tar puts before it.
 */
public final class MemberName {
  public static final int MAX_BYTES = 1024;

  private MemberName() {}

  /**
   * Whether {@code name} could be unpacked below a directory without leaving it, and printed
   * without controlling a terminal.
   */
  public static boolean isValid(String name) {
    if (name.isEmpty() || name.length() > MAX_BYTES || encodedLength(name) > MAX_BYTES) {
      return false;
    }
    int start = 0;
    for (int i = 0; i <= name.length(); i++) {
      if (i == name.length() || name.charAt(i) == '/') {
        if (isForbiddenComponent(name, start, i)) {
          return false;
        }
        start = i + 1;
      } else if (name.charAt(i) < 0x20 || name.charAt(i) == 0x7f) {
        return false;
      }
    }
    return true;
  }

  /**
   * A valid name for any relative or absolute path: the leading slash gone, control characters,
   * {@code %} and what is not a character at all written as {@code %XX} of their UTF-8 bytes.
   *
   * @throws IllegalArgumentException when the path is too long for a name, or has a component that
   *     points upwards
   */
  public static String of(String prefix, String path) {
    StringBuilder name = new StringBuilder(prefix.length() + path.length());
    name.append(prefix);
    int i = 0;
    while (i < path.length() && path.charAt(i) == '/') {
      i++;
    }
    while (i < path.length()) {
      int codePoint = path.codePointAt(i);
      if (codePoint < 0x20 || codePoint == 0x7f || codePoint == '%') {
        escape(name, codePoint);
      } else if (codePoint >= 0xd800 && codePoint <= 0xdfff) {
        escape(name, '?'); // half a surrogate pair stands for no character
      } else {
        name.appendCodePoint(codePoint);
      }
      i += Character.charCount(codePoint);
    }
    String result = name.toString();
    if (!isValid(result)) {
      throw new IllegalArgumentException(
          "no member name can be made of a path of "
              + path.length()
              + " characters; wanted: at most "
              + MAX_BYTES
              + " bytes, no empty, '.' or '..' component");
    }
    return result;
  }

  private static void escape(StringBuilder name, int ascii) {
    name.append('%')
        .append(Character.toUpperCase(Character.forDigit(ascii >> 4, 16)))
        .append(Character.toUpperCase(Character.forDigit(ascii & 15, 16)));
  }

  private static boolean isForbiddenComponent(String name, int start, int end) {
    int length = end - start;
    return length == 0
        || (length == 1 && name.charAt(start) == '.')
        || (length == 2 && name.charAt(start) == '.' && name.charAt(start + 1) == '.');
  }

  /** Length in UTF-8, or a length past every limit when the text has none. */
  private static int encodedLength(String name) {
    try {
      ByteBuffer encoded =
          StandardCharsets.UTF_8
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .encode(CharBuffer.wrap(name));
      return encoded.remaining();
    } catch (CharacterCodingException e) {
      return Integer.MAX_VALUE; // a lone surrogate cannot stand in a manifest
    }
  }
}
