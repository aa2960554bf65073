package io.pifleet.daemon.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;

/**
 * A log event as lines of text. Pure.
 *
 * <pre>
 * journal    &lt;4&gt;[upload] collector 192.0.2.7 does not answer
 * elsewhere  07:34:20.123Z WARN  [upload] collector 192.0.2.7 does not answer
 * </pre>
 *
 * <p>No message can pass for another event: lines after its first are indented, and begin with the
 * priority of their event.
 */
final class LogLines {
  /** Of the text of one event; journald cuts lines at 48 KiB. */
  private static final int MAX_CHARS = 32 << 10;

  private static final String INDENT = "    ";

  private LogLines() {}

  static void append(StringBuilder to, ILoggingEvent event, boolean isJournal) {
    String prefix = isJournal ? "<" + priority(event.getLevel()) + ">" : "";
    to.append(prefix);
    if (!isJournal) {
      appendTime(to, event.getTimeStamp());
      to.append(' ').append(event.getLevel());
      to.append(event.getLevel().toString().length() < 5 ? "  " : " ");
    }
    to.append('[').append(event.getThreadName()).append("] ");
    appendText(to, event.getFormattedMessage(), prefix);
    if (event.getThrowableProxy() != null) {
      to.append(prefix).append(INDENT);
      appendText(
          to, ThrowableProxyUtil.asString(event.getThrowableProxy()).stripTrailing(), prefix);
    }
  }

  /** syslog(3): err, warning, info, debug. */
  static int priority(Level level) {
    if (level.isGreaterOrEqual(Level.ERROR)) {
      return 3;
    }
    if (level.isGreaterOrEqual(Level.WARN)) {
      return 4;
    }
    return level.isGreaterOrEqual(Level.INFO) ? 6 : 7;
  }

  private static void appendText(StringBuilder to, String text, String prefix) {
    String shown = String.valueOf(text);
    int length = Math.min(shown.length(), MAX_CHARS);
    for (int i = 0; i < length; i++) {
      char c = shown.charAt(i);
      if (c == '\n') {
        to.append('\n').append(prefix).append(INDENT);
      } else if (c == '\t') {
        to.append(INDENT);
      } else if (c != '\r') {
        to.append(Character.isISOControl(c) ? '?' : c);
      }
    }
    if (shown.length() > length) {
      to.append("... (").append(shown.length()).append(" characters)");
    }
    to.append('\n');
  }

  /** Time of day in UTC, without the dozens of classes of java.time.format. */
  private static void appendTime(StringBuilder to, long epochMillis) {
    long millisOfDay = Math.floorMod(epochMillis, 86_400_000L);
    appendPadded(to, millisOfDay / 3_600_000, 10).append(':');
    appendPadded(to, millisOfDay / 60_000 % 60, 10).append(':');
    appendPadded(to, millisOfDay / 1_000 % 60, 10).append('.');
    appendPadded(to, millisOfDay % 1_000, 100).append('Z');
  }

  private static StringBuilder appendPadded(StringBuilder to, long value, int highestPlace) {
    for (int place = highestPlace; place > 1 && value < place; place /= 10) {
      to.append('0');
    }
    return to.append(value);
  }
}
