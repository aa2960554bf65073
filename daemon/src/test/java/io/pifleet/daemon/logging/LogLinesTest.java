package io.pifleet.daemon.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class LogLinesTest {
  @Test
  void writesTimeLevelAndThread() {
    assertEquals(
        "07:04:09.023Z WARN  [upload] collector 192.0.2.7 does not answer\n",
        lines(Level.WARN, "collector 192.0.2.7 does not answer", null, false));
    assertEquals("07:04:09.023Z ERROR [upload] x\n", lines(Level.ERROR, "x", null, false));
  }

  @Test
  void givesTheJournalThePriority() {
    assertEquals("<3>[upload] x\n", lines(Level.ERROR, "x", null, true));
    assertEquals("<4>[upload] x\n", lines(Level.WARN, "x", null, true));
    assertEquals("<6>[upload] x\n", lines(Level.INFO, "x", null, true));
    assertEquals("<7>[upload] x\n", lines(Level.DEBUG, "x", null, true));
    assertEquals("<7>[upload] x\n", lines(Level.TRACE, "x", null, true));
  }

  @Test
  void prefixesEveryLineOfAStackTrace() {
    Exception failure = new IOException("disk\nfull", new IllegalStateException("odd"));
    String text = lines(Level.ERROR, "seal failed", failure, true);

    assertTrue(
        text.startsWith("<3>[upload] seal failed\n<3>    java.io.IOException: disk\n"), text);
    assertTrue(text.contains("Caused by: java.lang.IllegalStateException: odd"), text);
    assertTrue(text.lines().allMatch(line -> line.startsWith("<3>")), text);
    assertTrue(text.endsWith("\n") && !text.endsWith("\n\n"), text);
  }

  @Test
  void letsNoMessagePassForAnotherEvent() {
    assertEquals(
        "<6>[upload] a\n<6>    <3>forged ?[31m\n",
        lines(Level.INFO, "a\r\n<3>forged \u001b[31m", null, true));
  }

  @Test
  void boundsAMessage() {
    String text = lines(Level.INFO, "x".repeat(100_000), null, true);

    assertTrue(text.length() < 33_000);
    assertTrue(text.endsWith("... (100000 characters)\n"));
  }

  @Test
  void believesTheVariableOnlyForTheStreamThatItNames(@TempDir Path directory) throws IOException {
    Path file = Files.createFile(directory.resolve("log"));
    Map<String, Object> stat = Files.readAttributes(file, "unix:dev,ino");
    String itself = stat.get("dev") + ":" + stat.get("ino");

    assertTrue(LogStream.isJournal(file, itself));
    assertFalse(LogStream.isJournal(file, "1:" + stat.get("ino")));
    assertFalse(LogStream.isJournal(file, null));
    assertTrue(LogStream.isJournal(directory.resolve("none"), itself));
  }

  @Test
  void isFoundByLogbackAndChangesItsLevelAtRunTime() {
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    assertTrue(root.getAppender("lines") instanceof LineAppender);
    String before = DaemonLog.level();
    try {
      DaemonLog.level("debug");
      assertEquals("debug", DaemonLog.level());
      assertTrue(LoggerFactory.getLogger("io.pifleet.x").isDebugEnabled());
    } finally {
      DaemonLog.level(before);
    }
    assertEquals(
        "log level is \"loud\"; wanted: error, warn, info, debug or trace",
        assertThrows(IllegalArgumentException.class, () -> DaemonLog.level("loud")).getMessage());
  }

  private static String lines(Level level, String message, Throwable failure, boolean isJournal) {
    Logger logger = new LoggerContext().getLogger("test");
    LoggingEvent event = new LoggingEvent("", logger, level, message, failure, null);
    event.setThreadName("upload");
    event.setInstant(Instant.parse("2026-11-20T07:04:09.023Z"));
    StringBuilder text = new StringBuilder();
    LogLines.append(text, event, isJournal);
    return text.toString();
  }
}
