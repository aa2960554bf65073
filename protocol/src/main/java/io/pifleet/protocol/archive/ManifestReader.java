package io.pifleet.protocol.archive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.DeviceId;
import io.pifleet.protocol.MemberName;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads a manifest from a stream, checks every rule of protocol/README.md section 2.4 and hashes
 * the bytes on the way. One object reads one manifest; memory is the segment table and one buffer.
 */
public final class ManifestReader {
  public static final int MAX_COUNTERS = 64;

  private static final int MAX_TEXT = 4096;
  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(8)
                  .maxStringLength(MAX_TEXT)
                  .maxNameLength(128)
                  .maxNumberLength(20)
                  .maxDocumentLength(Manifest.MAX_BYTES)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Names come from outside: an interned, shared table of them would only grow.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final ManifestVisitor visitor;
  private final Map<String, Long> counters = new HashMap<>();
  private final SegmentTable.Builder segments = new SegmentTable.Builder();
  private String format;
  private String device;
  private String period;
  private long part = -1;
  private Instant from;
  private Instant to;
  private Instant sealed;
  private String agent;
  private int members = -1;
  private int gaps;
  private boolean segmentsSeen;
  // The members must tile the segments: each starts in the segment where the one before ended (two
  // small ones), or in the one behind it.
  private int lastMemberFirst = -1;
  private int lastMemberSegments;

  private ManifestReader(ManifestVisitor visitor) {
    this.visitor = visitor;
  }

  /**
   * Reads {@code source} to its end; does not close it.
   *
   * @param source at most {@link Manifest#MAX_BYTES}; a longer one is refused before it is read
   *     further
   * @throws ManifestException when the manifest breaks a rule
   * @throws IOException from the source or the visitor
   */
  public static Manifest read(InputStream source, ManifestVisitor visitor) throws IOException {
    MessageDigest hasher = Sha256.hasher();
    CountingStream counted = new CountingStream(new DigestInputStream(source, hasher));
    ManifestReader reader = new ManifestReader(visitor);
    // A decoder of its own: the parser's would guess the encoding, and mend what is malformed.
    Reader text = new InputStreamReader(counted, StandardCharsets.UTF_8.newDecoder());
    try (JsonParser json = JSON.createParser(text)) {
      json.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
      reader.readAll(json);
    } catch (CharacterCodingException e) {
      throw new ManifestException("not UTF-8", e);
    } catch (StreamReadException e) {
      throw new ManifestException(
          "not JSON at line "
              + e.getLocation().getLineNr()
              + ": "
              + bounded(e.getOriginalMessage()),
          e);
    } catch (StreamConstraintsException e) {
      throw new ManifestException("over a limit: " + bounded(e.getOriginalMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new ManifestException(bounded(e.getMessage()), e);
    }
    return reader.finish(Sha256.of(hasher), counted.count());
  }

  private void readAll(JsonParser json) throws IOException {
    expect(json, json.nextToken(), JsonToken.START_OBJECT, "the manifest");
    boolean first = true;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      json.nextToken();
      if (first && !key.equals("format")) {
        throw new ManifestException("first key is \"" + bounded(key) + "\"; wanted: format");
      }
      first = false;
      readKey(json, key);
    }
    if (json.nextToken() != null) {
      throw new ManifestException("something follows the manifest's closing brace");
    }
  }

  private void readKey(JsonParser json, String key) throws IOException {
    switch (key) {
      case "format" -> {
        format = text(json, key, 64);
        if (!format.equals(Manifest.FORMAT)) {
          throw new ManifestException("format is \"" + format + "\"; wanted: " + Manifest.FORMAT);
        }
      }
      case "device" -> device = text(json, key, 64);
      case "period" -> period = text(json, key, 16);
      case "part" -> part = integer(json, key);
      case "from" -> from = instant(json, key);
      case "to" -> to = instant(json, key);
      case "sealed" -> sealed = instant(json, key);
      case "agent" -> agent = text(json, key, 64);
      case "counters" -> readCounters(json);
      case "clocks" -> eachObject(json, key, this::readClock);
      case "gaps" -> eachObject(json, key, this::readGap);
      case "members" -> {
        members = 0;
        eachObject(json, key, this::readMember);
      }
      case "segments" -> {
        if (members < 0) {
          throw new ManifestException("segments come before members; wanted: behind them");
        }
        segmentsSeen = true;
        eachObject(json, key, this::readSegment);
      }
      default -> json.skipChildren();
    }
  }

  private void readCounters(JsonParser json) throws IOException {
    expect(json, json.currentToken(), JsonToken.START_OBJECT, "counters");
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      if (counters.size() == MAX_COUNTERS) {
        throw new ManifestException("more than " + MAX_COUNTERS + " counters");
      }
      counters.put(name, integer(json, name));
    }
  }

  private void readClock(JsonParser json) throws IOException {
    String boot = null;
    boolean known = false;
    long correction = 0;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      json.nextToken();
      switch (key) {
        case "boot" -> boot = text(json, key, 64);
        case "known" -> known = json.getBooleanValue();
        case "correction-ns" -> correction = integer(json, key);
        default -> json.skipChildren();
      }
    }
    visitor.clock(required(boot, "boot of a clock"), known, correction);
  }

  private void readGap(JsonParser json) throws IOException {
    Instant gapFrom = null;
    Instant gapTo = null;
    String source = null;
    String reason = null;
    String detail = "";
    long records = -1;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      json.nextToken();
      switch (key) {
        case "from" -> gapFrom = instant(json, key);
        case "to" -> gapTo = instant(json, key);
        case "source" -> source = text(json, key, 1024);
        case "reason" -> reason = text(json, key, 256);
        case "records" -> records = integer(json, key);
        case "detail" -> detail = text(json, key, 2048);
        default -> json.skipChildren();
      }
    }
    visitor.gap(
        required(gapFrom, "from of a gap"),
        required(gapTo, "to of a gap"),
        required(source, "source of a gap"),
        required(reason, "reason of a gap"),
        records,
        detail);
    gaps++;
  }

  private void readMember(JsonParser json) throws IOException {
    String name = null;
    long size = -1;
    long segment = -1;
    long count = 1;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      json.nextToken();
      switch (key) {
        case "name" -> name = text(json, key, MemberName.MAX_BYTES);
        case "size" -> size = integer(json, key);
        case "segment" -> segment = integer(json, key);
        case "segments" -> count = integer(json, key);
        default -> json.skipChildren();
      }
    }
    if (name == null || !MemberName.isValid(name) || name.equals("manifest.json")) {
      throw new ManifestException(
          "name of member "
              + members
              + " is "
              + (name == null ? "absent" : quoted(name))
              + "; wanted: a relative path without '.' and '..'");
    }
    if (size < 0) {
      throw new ManifestException("size of member " + quoted(name) + " is absent or negative");
    }
    int expectedFirst = lastMemberFirst + lastMemberSegments;
    boolean sharesSegment = count == 1 && lastMemberSegments == 1 && segment == lastMemberFirst;
    if (count < 1
        || count > SegmentTable.MAX_SEGMENTS
        || (!sharesSegment && segment != Math.max(expectedFirst, 0))) {
      throw new ManifestException(
          "member "
              + quoted(name)
              + " is said to be in "
              + count
              + " segments from "
              + segment
              + "; wanted: from "
              + Math.max(expectedFirst, 0));
    }
    lastMemberFirst = (int) segment;
    lastMemberSegments = (int) count;
    visitor.member(name, size, (int) segment, (int) count);
    members++;
  }

  private void readSegment(JsonParser json) throws IOException {
    String hash = null;
    long size = -1;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      json.nextToken();
      switch (key) {
        case "sha256" -> hash = text(json, key, 64);
        case "size" -> size = integer(json, key);
        default -> json.skipChildren();
      }
    }
    int index = segments.count();
    segments.add(
        Sha256.parse(required(hash, "sha256 of segment " + index))
            .orElseThrow(
                () ->
                    new ManifestException(
                        "sha256 of segment " + index + " is not 64 lower-case hex digits")),
        size);
  }

  private Manifest finish(Sha256 digest, int lengthBytes) throws ManifestException {
    required(format, "format");
    if (!DeviceId.isValid(required(device, "device"))) {
      throw new ManifestException("device is " + quoted(device) + "; wanted: a device id");
    }
    if (part < 1 || part > ArchiveName.MAX_PART) {
      throw new ManifestException("part is " + part + "; wanted: 1 to " + ArchiveName.MAX_PART);
    }
    if (!ArchiveName.isPeriod(required(period, "period"))) {
      throw new ManifestException("period is " + quoted(period));
    }
    if (required(to, "to").isBefore(required(from, "from"))) {
      throw new ManifestException("to is " + to + ", before from, " + from);
    }
    if (!segmentsSeen) {
      throw new ManifestException("segments is absent");
    }
    int covered = lastMemberFirst < 0 ? 0 : lastMemberFirst + lastMemberSegments;
    if (covered != segments.count()) {
      throw new ManifestException(
          "members cover " + covered + " segments, but " + segments.count() + " are listed");
    }
    return new Manifest(
        digest,
        lengthBytes,
        device,
        new ArchiveName(period, (int) part),
        from,
        to,
        required(sealed, "sealed"),
        required(agent, "agent"),
        counters,
        members,
        gaps,
        segments.build());
  }

  private interface ObjectReader {
    void read(JsonParser json) throws IOException;
  }

  private static void eachObject(JsonParser json, String key, ObjectReader reader)
      throws IOException {
    expect(json, json.currentToken(), JsonToken.START_ARRAY, key);
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(json, json.currentToken(), JsonToken.START_OBJECT, "an entry of " + key);
      reader.read(json);
    }
  }

  private static void expect(JsonParser json, JsonToken found, JsonToken wanted, String what)
      throws ManifestException {
    if (found != wanted) {
      throw new ManifestException(
          what
              + " is "
              + found
              + " at line "
              + json.currentLocation().getLineNr()
              + "; wanted: "
              + wanted);
    }
  }

  private static String text(JsonParser json, String key, int maxBytes) throws IOException {
    expect(json, json.currentToken(), JsonToken.VALUE_STRING, key);
    String text = json.getText();
    // A character has at most 3 bytes: what is short need not be encoded to know.
    if (text.length() > maxBytes / 3) {
      int bytes = text.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > maxBytes) {
        throw new ManifestException(key + " has " + bytes + " bytes; wanted: at most " + maxBytes);
      }
    }
    return text;
  }

  private static long integer(JsonParser json, String key) throws IOException {
    expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT, key);
    return json.getLongValue();
  }

  private static Instant instant(JsonParser json, String key) throws IOException {
    String text = text(json, key, UtcTime.MAX_CHARS);
    return UtcTime.parse(text)
        .orElseThrow(
            () ->
                new ManifestException(
                    key
                        + " is "
                        + quoted(text)
                        + "; wanted: RFC 3339 in UTC, as 2026-11-23T00:00:02Z"));
  }

  private static <T> T required(T value, String what) throws ManifestException {
    if (value == null) {
      throw new ManifestException(what + " is absent");
    }
    return value;
  }

  private static String quoted(String text) {
    return '"' + bounded(text) + '"';
  }

  /** Text from outside, fit for a log line: at most 128 characters, nothing that moves a cursor. */
  private static String bounded(String text) {
    StringBuilder result = new StringBuilder(Math.min(text.length(), 128));
    for (int i = 0; i < text.length() && i < 128; i++) {
      char c = text.charAt(i);
      result.append(c < 0x20 || c == 0x7f ? '?' : c);
    }
    return result.toString();
  }
}
