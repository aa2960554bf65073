package io.pifleet.protocol.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.archive.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReceiptTest {
  private static final Receipt RECEIPT =
      new Receipt(
          "pi-1",
          "2026-W47~3f9a1c2d",
          Sha256.of(new byte[0]),
          214_000_123,
          Instant.parse("2026-11-23T03:12:45Z"),
          "attic-09ab34");

  private static String text() {
    return new String(RECEIPT.encode(), StandardCharsets.UTF_8);
  }

  private static Receipt parse(String text) throws ProtocolException {
    return Receipt.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsBackWhatItPrinted() throws ProtocolException {
    assertEquals(RECEIPT, Receipt.parse(RECEIPT.encode()));
  }

  @Test
  void skipsKeysThatItDoesNotKnow() throws ProtocolException {
    assertEquals(RECEIPT, parse(text().replace("{", "{\"transport\": {\"tls\": [1]}, ")));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "pifleet/1, pifleet/2, is not of format",
        "pi-1, ../pi, names no valid device",
        "attic-09ab34, Attic, names no valid collector",
        "2026-W47~, ../../, names no valid archive",
        "214000123, -1, says no length",
        "214000123, `99999999999999999999`, is not JSON",
        "e3b0, E3B0, has no digest",
        "45Z, 45+01:00, says no time",
        "{, [, is not a JSON object",
        "}, `}{}`, goes on behind",
        "pi-1, `pi-1\", \"device\": \"pi-2`, is not JSON"
      })
  void refusesWhatIsNoReceipt(String found, String replacement, String message) {
    String broken = text().replaceFirst(java.util.regex.Pattern.quote(found), replacement);
    ProtocolException e = assertThrows(ProtocolException.class, () -> parse(broken));
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  @Test
  void refusesAReceiptThatIsTooLong() {
    ProtocolException e =
        assertThrows(ProtocolException.class, () -> parse(text() + " ".repeat(4096)));
    assertTrue(e.getMessage().contains("wanted: at most 4096"), e::getMessage);
  }
}
