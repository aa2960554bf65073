package io.pifleet.daemon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TextTest {
  @ParameterizedTest
  @CsvSource({
    "0,0 B",
    "1023,1023 B",
    "1024,1.0 KiB",
    "1536,1.5 KiB",
    "1048575,1.0 MiB",
    "262144000,250.0 MiB",
    "9223372036854775807,8.0 EiB"
  })
  void roundsBytes(long bytes, String text) {
    assertEquals(text, Human.bytes(bytes));
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S,0.0 s",
    "PT0.44S,0.4 s",
    "PT12.9S,12 s",
    "PT2M3S,2 min 3 s",
    "PT1H,1 h",
    "PT26H,1 day 2 h",
    "PT72H,3 days",
    "PT-5S,-5.0 s"
  })
  void roundsDurations(Duration duration, String text) {
    assertEquals(text, Human.duration(duration));
  }

  @Test
  void alignsColumns() {
    Table table = new Table().column("DEVICE").figures("BYTES").column("STATE");
    table.row("pi-kitchen", "5", "late").row("pi", "1024", null);

    assertEquals(
        """
        DEVICE      BYTES  STATE
        pi-kitchen      5  late
        pi           1024  -
        """,
        printed(table));
  }

  @Test
  void keepsControlCharactersFromTheTerminal() {
    assertEquals("A\n?[2J?x\n", printed(new Table().column("A").row("\u001b[2J\nx")));
  }

  @Test
  void refusesARowOfAnotherLength() {
    Table table = new Table().column("A");
    assertThrows(IllegalArgumentException.class, () -> table.row("1", "2"));
  }

  @Test
  void explainsFileSystemFailures() {
    assertEquals("/x: no such file or directory", ErrorText.of(new NoSuchFileException("/x")));
    assertEquals("/x: permission denied", ErrorText.of(new AccessDeniedException("/x")));
    assertEquals(
        "/x: No space left on device",
        ErrorText.of(new FileSystemException("/x", null, "No space left on device")));
  }

  @Test
  void namesTheTypeOnlyWhereTheMessageIsNotForPeople() {
    assertEquals("gone", ErrorText.of(new IOException("gone")));
    assertEquals("IllegalStateException: odd", ErrorText.of(new IllegalStateException("odd")));
    assertEquals("FileNotFoundException", ErrorText.of(new FileNotFoundException()));
  }

  private static String printed(Table table) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    table.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
