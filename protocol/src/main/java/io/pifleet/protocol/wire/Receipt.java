package io.pifleet.protocol.wire;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.pifleet.protocol.DeviceId;
import io.pifleet.protocol.archive.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;

/**
 * A collector's acknowledgement that an archive is stored for good. Its bytes are JSON and are kept
 * as they came: {@link #parse} reads them, and only a collector makes new ones.
 *
 * @param device see {@link DeviceId}
 * @param archive the name under which it is stored; {@code 2026-W47~3f9a1c2d} when the name was
 *     taken
 * @param digest of the manifest
 * @param archiveBytes length of the stored {@code .tar.zst}
 * @param received when it was stored, by the collector's clock
 * @param collector id of the collector; see {@link DeviceId}
 */
public record Receipt(
    String device,
    String archive,
    Sha256 digest,
    long archiveBytes,
    Instant received,
    String collector) {
  /** Longest receipt, in bytes. */
  public static final int MAX_BYTES = Field.RECEIPT_RECEIPT.maxBytes();

  private static final String FORMAT = "pifleet/1";
  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(8).maxNumberLength(20).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  /**
   * @param bytes at most {@link #MAX_BYTES}
   * @throws ProtocolException when it is not a receipt; keys that are not known are skipped
   */
  public static Receipt parse(byte[] bytes) throws ProtocolException {
    if (bytes.length > MAX_BYTES) {
      throw malformed("has " + bytes.length + " bytes; wanted: at most " + MAX_BYTES);
    }
    String format = null;
    String device = null;
    String archive = null;
    String digest = null;
    long archiveBytes = -1;
    String received = null;
    String collector = null;
    try (JsonParser json = JSON.createParser(decoded(bytes))) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw malformed("is not a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        switch (key) {
          case "receipt" -> format = json.getValueAsString();
          case "device" -> device = json.getValueAsString();
          case "archive" -> archive = json.getValueAsString();
          case "digest" -> digest = json.getValueAsString();
          case "bytes" -> archiveBytes = json.getLongValue();
          case "received" -> received = json.getValueAsString();
          case "collector" -> collector = json.getValueAsString();
          default -> json.skipChildren();
        }
      }
      if (json.nextToken() != null) {
        throw malformed("goes on behind its closing brace");
      }
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException e) {
      throw new ProtocolException(ProtocolError.FIELD, "the receipt is not JSON", e);
    }
    if (!FORMAT.equals(format)) {
      throw malformed("is not of format " + FORMAT);
    }
    if (device == null || !DeviceId.isValid(device)) {
      throw malformed("names no valid device");
    }
    if (collector == null || !DeviceId.isValid(collector)) {
      throw malformed("names no valid collector");
    }
    if (archive == null || archive.length() > 64 || !archive.matches("[0-9A-Za-z.~-]+")) {
      throw malformed("names no valid archive");
    }
    if (archiveBytes < 0) {
      throw malformed("says no length of the archive");
    }
    return new Receipt(
        device,
        archive,
        Sha256.parse(digest == null ? "" : digest)
            .orElseThrow(() -> malformed("has no digest of 64 lower-case hex digits")),
        archiveBytes,
        instant(received),
        collector);
  }

  /** New bytes for this receipt, with a line end behind them. */
  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(320);
    try (JsonGenerator json = JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeStringField("receipt", FORMAT);
      json.writeStringField("device", device);
      json.writeStringField("archive", archive);
      json.writeStringField("digest", digest.toString());
      json.writeNumberField("bytes", archiveBytes);
      json.writeStringField("received", received.toString());
      json.writeStringField("collector", collector);
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("an array in memory takes everything", e);
    }
    return bytes.toByteArray();
  }

  private static String decoded(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private static Instant instant(String text) throws ProtocolException {
    try {
      if (text != null && text.endsWith("Z") && text.length() <= 40) {
        return Instant.parse(text);
      }
    } catch (DateTimeException e) {
      throw new ProtocolException(
          ProtocolError.FIELD, "the receipt says no time in RFC 3339 and UTC", e);
    }
    throw malformed("says no time in RFC 3339 and UTC");
  }

  private static ProtocolException malformed(String how) {
    return new ProtocolException(ProtocolError.FIELD, "the receipt " + how);
  }
}
