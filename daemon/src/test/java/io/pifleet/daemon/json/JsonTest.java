package io.pifleet.daemon.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Test
  void writesEachTopLevelValueOnALineOfItsOwn() throws IOException {
    try (JsonOut out = new JsonOut(bytes)) {
      out.object().text("a", "ä\n").number("n", 1).flag("f", true).end();
      out.object().time("t", Instant.EPOCH).text("none", null).number("x", Double.NaN).end();
      out.array().item("one").item(2).object().end().end();
    }
    assertEquals(
        """
        {"a":"ä\\n","n":1,"f":true}
        {"t":"1970-01-01T00:00:00Z","none":null,"x":null}
        ["one",2,{}]
        """,
        bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void hasWrittenALineWhenItEnds() throws IOException {
    try (JsonOut out = new JsonOut(bytes)) {
      out.object().end();
      assertEquals("{}\n", bytes.toString(StandardCharsets.UTF_8));
    }
  }

  @Test
  void readsBackWhatItWrites() throws IOException {
    try (JsonOut out = new JsonOut(bytes)) {
      out.object().text("device", "pi").number("waiting", 3).number("rate", 1.5).flag("ok", true);
      out.object("spool").number("bytes", Long.MAX_VALUE).end();
      out.array("archives").object().text("name", "2026-W47").end().end();
      out.array("addresses").item("::1").item("192.0.2.1").end().end();
    }
    JsonObject read = JsonObject.parse(bytes.toString(StandardCharsets.UTF_8));

    assertEquals("pi", read.text("device", ""));
    assertEquals(3, read.number("waiting", 0));
    assertEquals(1.5, read.decimal("rate", 0));
    assertTrue(read.flag("ok", false));
    assertEquals(Long.MAX_VALUE, read.object("spool").number("bytes", 0));
    assertEquals("2026-W47", read.objects("archives").get(0).text("name", ""));
    assertEquals(List.of("::1", "192.0.2.1"), read.texts("addresses"));
    assertEquals("1.5", read.scalar("rate"));
  }

  @Test
  void takesAMemberOfAnotherTypeForAbsent() throws IOException {
    JsonObject read = JsonObject.parse("{\"a\":[1],\"b\":null}");

    assertEquals("x", read.text("a", "x"));
    assertEquals(0, read.object("a").names().size());
    assertNull(read.scalar("a"));
    assertNull(read.scalar("b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{\"a\":1}{}",
        "{\"a\":1,\"a\":2}",
        "{a:1}",
        "{\"n\":99999999999999999999}"
      })
  void refusesWhatIsNotOneObject(String text) {
    assertThrows(IOException.class, () -> JsonObject.parse(text));
  }

  @Test
  void refusesDeepNesting() {
    String text = "{\"a\":" + "[".repeat(50) + "]".repeat(50) + "}";
    assertThrows(IOException.class, () -> JsonObject.parse(text));
  }
}
