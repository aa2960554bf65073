package io.pifleet.agent.plugin.files;

import io.pifleet.agent.plugin.NamePattern;
import io.pifleet.agent.plugin.Quotation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A glob for files, such as {@code /srv/data/cam-?/2026*.jpg}: the directory that stands before the
 * first wildcard, and a pattern for each name below it. {@code **} as a name is any number of
 * directories, also none; at the end it is all files below.
 *
 * <p>As in a shell, a wildcard does not match a dot at the beginning of a name: files that are
 * being written often have such names. Immutable.
 *
 * @param base absolute, without wildcards
 * @param names what stands below, at least one; empty for {@code **}
 */
record PathPattern(Path base, List<Optional<NamePattern>> names) {

  /** One bit each in the walk's sets. */
  static final int MAX_NAMES = 60;

  private static final int MAX_ALTERNATIVES = 64;
  private static final String ANY_DIRECTORIES = "**";

  /**
   * Reads a pattern; braces, {@code *.{csv,log}}, give several.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  static List<PathPattern> parse(String text) {
    List<PathPattern> patterns = new ArrayList<>();
    for (String alternative : alternatives(text)) {
      patterns.add(parseOne(alternative));
    }
    return patterns;
  }

  /** Whether a name matches the pattern at this index, which is none for {@code **}. */
  boolean matches(int index, String name) {
    NamePattern pattern = names.get(index).orElseThrow();
    return (name.charAt(0) != '.' || pattern.toString().charAt(0) == '.') && pattern.matches(name);
  }

  private static PathPattern parseOne(String text) {
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException(Quotation.of(text) + " does not begin with /");
    }
    Path base = Path.of("/");
    List<Optional<NamePattern>> names = new ArrayList<>();
    String[] parts = text.substring(1).split("/", -1);
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i];
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        throw new IllegalArgumentException(
            "in " + Quotation.of(text) + " a name between slashes is " + Quotation.of(part));
      }
      if (part.equals(ANY_DIRECTORIES)) {
        if (names.isEmpty() || names.get(names.size() - 1).isPresent()) {
          names.add(Optional.empty()); // two in a row are one
        }
      } else {
        NamePattern pattern = NamePattern.of(part);
        if (names.isEmpty() && pattern.isLiteral() && i < parts.length - 1) {
          base = base.resolve(part);
        } else {
          names.add(Optional.of(pattern));
        }
      }
    }
    if (names.get(names.size() - 1).isEmpty()) {
      names.add(Optional.of(NamePattern.of("*")));
    }
    if (names.size() > MAX_NAMES) {
      throw new IllegalArgumentException(
          Quotation.of(text) + " has more than " + MAX_NAMES + " names");
    }
    return new PathPattern(base, List.copyOf(names));
  }

  /** Resolves the first pair of braces, and so on. Braces do not nest. */
  private static List<String> alternatives(String text) {
    List<String> open = new ArrayList<>(List.of(text));
    List<String> done = new ArrayList<>();
    while (!open.isEmpty()) {
      String next = open.remove(0);
      int start = next.indexOf('{');
      if (start < 0) {
        done.add(next);
        continue;
      }
      int end = next.indexOf('}', start);
      if (end < 0 || next.substring(start + 1, end).indexOf('{') >= 0) {
        throw new IllegalArgumentException(
            "in "
                + Quotation.of(text)
                + " a { "
                + (end < 0 ? "is not closed" : "stands inside another"));
      }
      int index = 0;
      for (String choice : next.substring(start + 1, end).split(",", -1)) {
        open.add(index++, next.substring(0, start) + choice + next.substring(end + 1));
      }
      if (open.size() + done.size() > MAX_ALTERNATIVES) {
        throw new IllegalArgumentException(
            Quotation.of(text) + " stands for more than " + MAX_ALTERNATIVES + " patterns");
      }
    }
    return done;
  }
}
