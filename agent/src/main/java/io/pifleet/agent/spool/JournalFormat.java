package io.pifleet.agent.spool;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.pifleet.protocol.archive.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Lines of a journal to entries and back.
 *
 * <pre>
 *   8 hex digits: CRC-32C of the JSON | space | JSON object | newline
 * </pre>
 */
final class JournalFormat {
  /** Longest line: a member's name of 1,024 bytes, escaped, has room. */
  static final int MAX_LINE_BYTES = 1 << 14;

  private static final int CRC_DIGITS = 8;
  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private JournalFormat() {}

  /** Adds the line of {@code entry} to {@code target}. */
  static void write(JournalEntry entry, ByteArrayOutputStream target) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
      json.writeStartObject();
      entry.write(json);
      json.writeEndObject();
    }
    byte[] object = bytes.toByteArray();
    target.writeBytes(checksum(object, 0, object.length).getBytes(StandardCharsets.US_ASCII));
    target.write(' ');
    target.writeBytes(object);
    target.write('\n');
  }

  /**
   * Reads one line.
   *
   * @param length without the newline
   * @return empty when the line is damaged, or of a kind that is not known here
   */
  static Optional<JournalEntry> read(byte[] line, int offset, int length) {
    int start = offset + CRC_DIGITS + 1;
    int bytes = length - CRC_DIGITS - 1;
    if (bytes < 2
        || !checksum(line, start, bytes)
            .equals(new String(line, offset, CRC_DIGITS, StandardCharsets.ISO_8859_1))) {
      return Optional.empty();
    }
    try {
      return new Fields(line, start, bytes).entry();
    } catch (IOException | DateTimeException | IllegalArgumentException e) {
      return Optional.empty(); // its checksum is right: a journal of another version
    }
  }

  private static String checksum(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return "%08x".formatted(crc.getValue());
  }

  /** The values of one line, whatever its kind. */
  private static final class Fields {
    private String kind = "";
    private String archive = "";
    private String member = "";
    private String boot = "";
    private String fromPart = "";
    private String source = "";
    private String reason = "";
    private String detail = "";
    private Instant from;
    private Instant to;
    private Instant periodEnd;
    private Sha256 hash;
    private Fingerprint change;
    private long size;
    private long records;
    private long hour;
    private long since;
    private long correction;
    private long base;
    private int bytes;
    private int end;
    private int slices;
    private boolean known;

    Fields(byte[] line, int offset, int length) throws IOException {
      try (JsonParser json = JSON.createParser(line, offset, length)) {
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String key = json.currentName();
          json.nextToken();
          read(json, key);
        }
      }
    }

    private void read(JsonParser json, String key) throws IOException {
      switch (key) {
        case "kind" -> kind = json.getText();
        case "archive" -> archive = json.getText();
        case "member" -> member = json.getText();
        case "boot" -> boot = json.getText();
        case "from-part" -> fromPart = json.getText();
        case "source" -> source = json.getText();
        case "reason" -> reason = json.getText();
        case "detail" -> detail = json.getText();
        case "from" -> from = Instant.parse(json.getText());
        case "to" -> to = Instant.parse(json.getText());
        case "period-end" -> periodEnd = Instant.parse(json.getText());
        case "sha256" -> hash = Sha256.parse(json.getText()).orElseThrow();
        case "change" -> change = Fingerprint.parse(json.getText()).orElseThrow();
        case "size" -> size = json.getLongValue();
        case "records" -> records = json.getLongValue();
        case "hour" -> hour = json.getLongValue();
        case "since" -> since = json.getLongValue();
        case "correction-ns" -> correction = json.getLongValue();
        case "base-ns" -> base = json.getLongValue();
        case "bytes" -> bytes = json.getIntValue();
        case "end" -> end = json.getIntValue();
        case "slices" -> slices = json.getIntValue();
        case "known" -> known = json.getBooleanValue();
        default -> json.skipChildren();
      }
    }

    Optional<JournalEntry> entry() {
      return Optional.ofNullable(
          switch (kind) {
            case JournalEntry.Begun.KIND -> new JournalEntry.Begun(archive, from, periodEnd);
            case JournalEntry.Ended.KIND -> new JournalEntry.Ended(to);
            case JournalEntry.RecordsOpened.KIND -> new JournalEntry.RecordsOpened(member, hour);
            case JournalEntry.RecordsSealed.KIND ->
                new JournalEntry.RecordsSealed(member, size, records, hash, bytes);
            case JournalEntry.FileTaken.KIND ->
                new JournalEntry.FileTaken(member, size, change, end);
            case JournalEntry.FilesSealed.KIND -> new JournalEntry.FilesSealed(hash, bytes);
            case JournalEntry.SliceSealed.KIND -> new JournalEntry.SliceSealed(hash, bytes);
            case JournalEntry.LargeFileTaken.KIND ->
                new JournalEntry.LargeFileTaken(member, size, change, slices);
            case JournalEntry.Voided.KIND -> new JournalEntry.Voided(since);
            case JournalEntry.GapFound.KIND ->
                new JournalEntry.GapFound(new Gap(from, to, source, reason, records, detail));
            case JournalEntry.ClockSeen.KIND ->
                new JournalEntry.ClockSeen(boot, known, correction, base);
            case JournalEntry.Carried.KIND -> new JournalEntry.Carried(fromPart);
            default -> null;
          });
    }
  }
}
