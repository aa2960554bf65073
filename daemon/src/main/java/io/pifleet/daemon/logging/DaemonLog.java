package io.pifleet.daemon.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/**
 * The log of this process, which has one. Commands log warnings to stderr, since their stdout is
 * data; a daemon calls {@link #forDaemon} first of all, and logs to stdout from then on.
 *
 * <p>Under systemd each line, of a stack trace too, begins with its priority ({@code <3>} to {@code
 * <7>}, sd-daemon(3)); elsewhere with time (UTC), level and thread. The level is the system
 * property {@value #LEVEL_PROPERTY} where it is set, and can be changed at any time. Thread-safe.
 */
public final class DaemonLog {
  /** One of the names that {@link #level(String)} takes. */
  public static final String LEVEL_PROPERTY = "pifleet.log-level";

  private static final String APPENDER = "lines";

  /** Warns, with stack traces, of every broken packet that a stranger sends. */
  private static final String CHATTY = "javax.jmdns";

  private DaemonLog() {}

  static void configure(LoggerContext context) {
    LineAppender appender = new LineAppender(LogStream.stderr(System.getenv()));
    appender.setName(APPENDER);
    appender.setContext(context);
    appender.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    apply(context, Level.toLevel(System.getProperty(LEVEL_PROPERTY), Level.WARN));
  }

  /** Logs to stdout, and INFO as well unless the system property says otherwise. */
  public static void forDaemon() {
    LoggerContext context = context();
    if (context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(APPENDER)
        instanceof LineAppender appender) {
      appender.stream(LogStream.stdout(System.getenv()));
    }
    apply(context, Level.toLevel(System.getProperty(LEVEL_PROPERTY), Level.INFO));
  }

  /**
   * Changes the level of everything.
   *
   * @param name error, warn, info, debug or trace
   * @throws IllegalArgumentException for another name
   */
  public static void level(String name) {
    Level level =
        switch (name.toLowerCase(Locale.ROOT)) {
          case "error" -> Level.ERROR;
          case "warn" -> Level.WARN;
          case "info" -> Level.INFO;
          case "debug" -> Level.DEBUG;
          case "trace" -> Level.TRACE;
          default ->
              throw new IllegalArgumentException(
                  "log level is \"" + name + "\"; wanted: error, warn, info, debug or trace");
        };
    apply(context(), level);
  }

  /** The level in force, in lower case. */
  public static String level() {
    return context()
        .getLogger(Logger.ROOT_LOGGER_NAME)
        .getLevel()
        .toString()
        .toLowerCase(Locale.ROOT);
  }

  private static void apply(LoggerContext context, Level level) {
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(level);
    context.getLogger(CHATTY).setLevel(level.isGreaterOrEqual(Level.INFO) ? Level.ERROR : level);
  }

  private static LoggerContext context() {
    return (LoggerContext) LoggerFactory.getILoggerFactory();
  }
}
