package io.pifleet.agent.plugin;

import java.util.ArrayList;
import java.util.List;

/**
 * A glob for one name, as in glob(7): {@code *} any characters, {@code ?} one, {@code [a-z]} and
 * {@code [!a-z]} one of a set, a backslash takes the meaning from what follows. No slash is special
 * here. The time for a match grows with the product of both lengths at worst, whatever the pattern.
 *
 * <p>Immutable.
 */
public final class NamePattern {
  private final String pattern;
  private final boolean literal;

  private NamePattern(String pattern) {
    this.pattern = pattern;
    this.literal = !hasWildcard(pattern);
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException when it is empty, or a set is not closed
   */
  public static NamePattern of(String pattern) {
    if (pattern.isEmpty()) {
      throw new IllegalArgumentException("a pattern is empty");
    }
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '[') {
        int end = setEnd(pattern, i);
        if (end < 0) {
          throw new IllegalArgumentException("in " + Quotation.of(pattern) + " a [ is not closed");
        }
        i = end;
      }
    }
    return new NamePattern(pattern);
  }

  /** Reads patterns, see {@link #of}. */
  public static List<NamePattern> all(List<String> patterns) {
    List<NamePattern> all = new ArrayList<>(patterns.size());
    for (String pattern : patterns) {
      all.add(of(pattern));
    }
    return List.copyOf(all);
  }

  /** Whether one of them matches. */
  public static boolean anyMatches(List<NamePattern> patterns, String name) {
    for (int i = 0; i < patterns.size(); i++) {
      if (patterns.get(i).matches(name)) {
        return true;
      }
    }
    return false;
  }

  /** Whether only one name matches, which is the pattern itself. */
  public boolean isLiteral() {
    return literal;
  }

  /** Whether the whole name matches. */
  public boolean matches(String name) {
    if (literal) {
      return name.equals(pattern);
    }
    int p = 0;
    int n = 0;
    int starPattern = -1;
    int starName = 0;
    while (n < name.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        starPattern = p++;
        starName = n;
      } else if (p < pattern.length() && matchesOne(p, name.charAt(n))) {
        p = next(p);
        n++;
      } else if (starPattern >= 0) {
        // The last star takes one more character: stars before it need not be tried again.
        p = starPattern + 1;
        n = ++starName;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NamePattern that && that.pattern.equals(pattern);
  }

  @Override
  public int hashCode() {
    return pattern.hashCode();
  }

  @Override
  public String toString() {
    return pattern;
  }

  static boolean hasWildcard(String pattern) {
    for (int i = 0; i < pattern.length(); i++) {
      if ("*?[\\".indexOf(pattern.charAt(i)) >= 0) {
        return true;
      }
    }
    return false;
  }

  private boolean matchesOne(int p, char c) {
    return switch (pattern.charAt(p)) {
      case '?' -> true;
      case '[' -> inSet(p, c);
      case '\\' -> p + 1 < pattern.length() ? pattern.charAt(p + 1) == c : c == '\\';
      default -> pattern.charAt(p) == c;
    };
  }

  private int next(int p) {
    return switch (pattern.charAt(p)) {
      case '[' -> setEnd(pattern, p) + 1;
      case '\\' -> Math.min(p + 2, pattern.length());
      default -> p + 1;
    };
  }

  private boolean inSet(int p, char c) {
    int end = setEnd(pattern, p);
    int i = p + 1;
    boolean negated = isNegation(pattern.charAt(i));
    if (negated) {
      i++;
    }
    boolean found = false;
    while (i < end) {
      char low = pattern.charAt(i);
      if (i + 2 < end && pattern.charAt(i + 1) == '-') {
        found |= low <= c && c <= pattern.charAt(i + 2);
        i += 3;
      } else {
        found |= low == c;
        i++;
      }
    }
    return found != negated;
  }

  /**
   * Where the set that begins at {@code start} ends; a bracket that stands first belongs to it. -1:
   * not closed.
   */
  private static int setEnd(String pattern, int start) {
    int first = start + 1;
    if (first < pattern.length() && isNegation(pattern.charAt(first))) {
      first++;
    }
    return pattern.indexOf(']', first + 1);
  }

  private static boolean isNegation(char c) {
    return c == '!' || c == '^';
  }
}
