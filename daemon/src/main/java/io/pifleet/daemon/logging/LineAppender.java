package io.pifleet.daemon.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes events as {@link LogLines}, one write each. Serialized by its base class; a reader that
 * does not read holds up whoever logs, as it would with any stdout.
 */
final class LineAppender extends AppenderBase<ILoggingEvent> {
  /** A buffer that one long stack trace blew up is not kept. */
  private static final int KEPT_CHARS = 8 << 10;

  private volatile LogStream stream;
  private StringBuilder buffer = new StringBuilder(256);

  LineAppender(LogStream stream) {
    this.stream = stream;
  }

  void stream(LogStream stream) {
    this.stream = stream;
  }

  @Override
  protected void append(ILoggingEvent event) {
    LogStream to = stream;
    buffer.setLength(0);
    LogLines.append(buffer, event, to.isJournal());
    try {
      to.bytes().write(buffer.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // closed pipe or full disk: there is no other place to say so, and the daemon has to go on
    }
    if (buffer.capacity() > KEPT_CHARS) {
      buffer = new StringBuilder(256);
    }
  }
}
