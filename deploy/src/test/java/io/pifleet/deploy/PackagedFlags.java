package io.pifleet.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The flags with which the packages start a JVM, read out of their launchers. */
final class PackagedFlags {
  private static final Pattern RUN = Pattern.compile("\nrun\\)\n(.*?);;", Pattern.DOTALL);
  private static final Pattern FLAG = Pattern.compile("(?<=\\s)-(?:X|Djdk\\.)\\S+");

  private PackagedFlags() {}

  /**
   * Of the daemon.
   *
   * @param part {@code agent} or {@code collector}
   */
  static List<String> of(String part) throws IOException {
    Path module = Path.of(System.getProperty("basedir", "."));
    String launcher = Files.readString(module.resolve("packages/" + part + "/launcher"));
    Matcher run = RUN.matcher(launcher);
    if (!run.find()) {
      throw new IOException("the launcher of " + part + " has no branch for run");
    }
    List<String> flags = new ArrayList<>();
    FLAG.matcher(run.group(1)).results().forEach(flag -> flags.add(flag.group()));
    return flags;
  }
}
