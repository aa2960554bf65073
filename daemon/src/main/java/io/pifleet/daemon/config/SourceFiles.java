package io.pifleet.daemon.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Reads a configuration file and the files that it includes, which stand beside it or are named by
 * an absolute path. Not thread-safe; one instance per load.
 *
 * <p>Stricter than HOCON, whose includes may name URLs and class path resources and are skipped
 * without a word when they are missing: a daemon that fetches its configuration from the network,
 * or runs without a part of it, is a surprise.
 */
final class SourceFiles
    implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {

  /**
   * All files of one load together. Measured on JDK 17: 64 KiB of nothing but keys and values parse
   * in a heap of 6 MiB, 128 KiB need 12 MiB and 256 KiB more than 16 MiB, which is all that the
   * agent has. Its documented configuration is a sixth of this.
   */
  static final long MAX_BYTES = 64 << 10;

  private static final int MAX_DEPTH = 16;

  /** A file that cannot be taken, or an include that is refused; unchecked to pass the parser. */
  static final class SourceException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient ConfigProblem problem;

    SourceException(ConfigProblem problem) {
      super(problem.message());
      this.problem = problem;
    }

    ConfigProblem problem() {
      return problem;
    }
  }

  private final Deque<Path> open = new ArrayDeque<>();
  private long bytesSoFar;

  /** Parses {@code file} without resolving substitutions. */
  Config parse(Path file) {
    String refusal = take(file);
    if (refusal != null) {
      throw new SourceException(new ConfigProblem(file, -1, "", refusal));
    }
    return parseTaken(file, ConfigParseOptions.defaults().setIncluder(this)).toConfig();
  }

  /** Parses text that stands for {@code name}; what it includes is beside that. */
  Config parse(Path name, String text) {
    open.push(name);
    ConfigParseOptions options =
        ConfigParseOptions.defaults().setIncluder(this).setOriginDescription(name.toString());
    return ConfigFactory.parseString(text, options);
  }

  private ConfigObject parseTaken(Path file, ConfigParseOptions options) {
    open.push(file);
    try {
      return ConfigFactory.parseFile(
              file.toFile(), options.setSyntax(ConfigSyntax.CONF).setAllowMissing(false))
          .root();
    } finally {
      open.pop();
    }
  }

  /** Null when the file may be parsed, else the reason why not. */
  private String take(Path file) {
    try {
      if (Files.notExists(file)) {
        return "no such file";
      }
      if (!Files.isRegularFile(file)) {
        return "is not a regular file";
      }
      if (!Files.isReadable(file)) {
        return "cannot be read: permission denied";
      }
      bytesSoFar += Files.size(file);
    } catch (IOException e) {
      return "cannot be read: " + e.getMessage();
    }
    if (bytesSoFar > MAX_BYTES) {
      return "is too long: with what it includes, at most "
          + ByteSize.format(MAX_BYTES)
          + " are read";
    }
    return null;
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    Path file;
    try {
      file = open.element().resolveSibling(what).normalize();
    } catch (InvalidPathException e) {
      throw refused(what, "is no file name");
    }
    if (open.contains(file)) {
      throw refused(what, "includes itself");
    }
    if (open.size() >= MAX_DEPTH) {
      throw refused(what, "is more than " + MAX_DEPTH + " includes deep");
    }
    String refusal = take(file);
    if (refusal != null) {
      throw refused(what, refusal + " (" + file + ")");
    }
    return parseTaken(file, context.parseOptions());
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    return include(context, what.getPath());
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    throw refused(what.toString(), "is a URL; wanted: the name of a file");
  }

  @Override
  public ConfigObject includeResources(ConfigIncludeContext context, String what) {
    throw refused(what, "is a class path resource; wanted: the name of a file");
  }

  /** Nothing falls back: the parser would add an includer that tries URLs and the class path. */
  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this;
  }

  private SourceException refused(String what, String why) {
    Path file = open.element();
    return new SourceException(
        new ConfigProblem(
            file, lineOfInclude(file, what), "", "include " + Quoted.of(what) + " " + why));
  }

  /** The parser keeps the line of an include to itself; -1 when it cannot be found again. */
  private static int lineOfInclude(Path file, String what) {
    try {
      int line = 0;
      for (String text : Files.readString(file, StandardCharsets.UTF_8).split("\n", -1)) {
        line++;
        if (text.strip().startsWith("include") && text.contains(what)) {
          return line;
        }
      }
    } catch (IOException e) {
      return -1; // not UTF-8, or gone since: the message stands without a line
    }
    return -1;
  }
}
