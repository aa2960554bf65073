package io.pifleet.daemon.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * A HOCON file, read once through the typed getters of its {@link Section}s, then checked and
 * dropped:
 *
 * <pre>{@code
 * ConfigFile file = ConfigFile.load(path, "pifleet");
 * AgentConfig config = AgentConfig.from(file.root());   // getters return fallbacks for bad values
 * file.check();                                         // all problems at once, or none
 * }</pre>
 *
 * <p>The defaults in the code are the getters' fallbacks. That the documented defaults are the same
 * takes two assertions, when {@code AgentConfig} is a record: {@code AgentConfig.from(emptyFile)}
 * equals {@code AgentConfig.from(documentedFile)}, and {@link #absentKeys()} of the documented file
 * is empty.
 *
 * <p>Not thread-safe; belongs to the thread that loads it.
 */
public final class ConfigFile {
  private final Path file;
  private final Section document;
  private final Section root;
  private final SortedSet<ConfigProblem> problems = new TreeSet<>();

  private ConfigFile(Path file, ConfigObject document, String root) {
    this.file = file;
    this.document = new Section(this, "", "", document, document.origin());
    this.root = this.document.section(root);
  }

  /**
   * Reads a file and what it includes: at most 64 KiB together.
   *
   * @param root the key under which everything stands
   * @throws ConfigException when the file is missing or unreadable, or is no HOCON; values are not
   *     looked at yet
   */
  public static ConfigFile load(Path file, String root) throws ConfigException {
    Path absolute = file.toAbsolutePath().normalize();
    return resolved(absolute, root, () -> new SourceFiles().parse(absolute));
  }

  /**
   * Reads text that is in no file: {@code ""} gives the code's defaults.
   *
   * @param name what problems are reported under, and what paths and includes are relative to
   */
  public static ConfigFile parse(Path name, String text, String root) throws ConfigException {
    return resolved(name, root, () -> new SourceFiles().parse(name, text));
  }

  private static ConfigFile resolved(Path file, String root, Supplier<Config> parser)
      throws ConfigException {
    ConfigProblem problem;
    try {
      return new ConfigFile(file, parser.get().resolve().root(), root);
    } catch (SourceFiles.SourceException e) {
      problem = e.problem();
    } catch (com.typesafe.config.ConfigException e) {
      problem = syntaxProblem(file, e);
    } catch (StackOverflowError e) {
      problem = new ConfigProblem(file, -1, "", "is nested too deeply");
    }
    throw new ConfigException(List.of(problem));
  }

  /** The section that holds everything; an empty one when the file has none. */
  public Section root() {
    return root;
  }

  /** The file that was loaded, absolute. */
  public Path file() {
    return file;
  }

  /**
   * To be called when everything has been read.
   *
   * @throws ConfigException with all that the getters met and all keys that no getter asked for
   */
  public void check() throws ConfigException {
    document.reportUnknownKeys();
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
  }

  /**
   * Full keys that getters asked for and the file does not set: what the file leaves to the code's
   * defaults.
   */
  public SortedSet<String> absentKeys() {
    SortedSet<String> absent = new TreeSet<>();
    document.collectAbsentKeys(absent);
    return absent;
  }

  void report(ConfigOrigin origin, String key, String message) {
    problems.add(new ConfigProblem(fileOf(origin), lineOf(origin), key, message));
  }

  /** The file that a value stands in; values made from several files count as the loaded one's. */
  Path fileOf(ConfigOrigin origin) {
    return origin == null || origin.filename() == null ? file : Path.of(origin.filename());
  }

  private static int lineOf(ConfigOrigin origin) {
    return origin == null ? -1 : origin.lineNumber();
  }

  private static ConfigProblem syntaxProblem(Path file, com.typesafe.config.ConfigException e) {
    ConfigOrigin origin = e.origin();
    Path where = origin == null || origin.filename() == null ? file : Path.of(origin.filename());
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    if (origin != null && message.startsWith(origin.description() + ": ")) {
      message = message.substring(origin.description().length() + 2);
    }
    message = message.replaceAll("\\s+", " ");
    int mostShown = 400; // the parser quotes the input
    if (message.length() > mostShown) {
      message = message.substring(0, mostShown) + "...";
    }
    return new ConfigProblem(where, lineOf(origin), "", message);
  }
}
