package io.pifleet.protocol.archive;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pifleet.protocol.ArchiveName;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Locale;

/**
 * Writes a manifest to a stream, one entry a line, in the order of protocol/README.md section 2.4.
 *
 * <p>Call {@link #begin}, then any of {@link #counter}, {@link #clock}, {@link #gap}, {@link
 * #member}, {@link #segment}, each kind in one run and in this order, then {@link #close}. Not
 * thread-safe. The stream is flushed, not closed.
 */
public final class ManifestWriter implements Closeable {
  private static final JsonFactory JSON =
      new JsonFactoryBuilder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  private enum Run {
    NONE,
    COUNTERS,
    CLOCKS,
    GAPS,
    MEMBERS,
    SEGMENTS
  }

  private final JsonGenerator json;
  private Run open = Run.NONE;

  public ManifestWriter(OutputStream target) throws IOException {
    json = JSON.createGenerator(target, JsonEncoding.UTF8);
    json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    json.setPrettyPrinter(new LinePerEntry());
  }

  public void begin(
      String device, ArchiveName name, Instant from, Instant to, Instant sealed, String agent)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("format", Manifest.FORMAT);
    json.writeStringField("device", device);
    json.writeStringField("period", name.period());
    json.writeNumberField("part", name.part());
    json.writeStringField("from", from.toString());
    json.writeStringField("to", to.toString());
    json.writeStringField("sealed", sealed.toString());
    json.writeStringField("agent", agent);
  }

  public void counter(String name, long value) throws IOException {
    enter(Run.COUNTERS);
    json.writeNumberField(name, value);
  }

  public void clock(String boot, boolean known, long correctionNanos) throws IOException {
    enter(Run.CLOCKS);
    json.writeStartObject();
    json.writeStringField("boot", boot);
    json.writeBooleanField("known", known);
    json.writeNumberField("correction-ns", correctionNanos);
    json.writeEndObject();
  }

  /**
   * @param records how many were lost; negative when nobody knows
   * @param detail may be empty
   */
  public void gap(
      Instant from, Instant to, String source, String reason, long records, String detail)
      throws IOException {
    enter(Run.GAPS);
    json.writeStartObject();
    json.writeStringField("from", from.toString());
    json.writeStringField("to", to.toString());
    json.writeStringField("source", source);
    json.writeStringField("reason", reason);
    if (records >= 0) {
      json.writeNumberField("records", records);
    }
    if (!detail.isEmpty()) {
      json.writeStringField("detail", detail);
    }
    json.writeEndObject();
  }

  public void member(String name, long sizeBytes, int firstSegment, int segments)
      throws IOException {
    enter(Run.MEMBERS);
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeNumberField("size", sizeBytes);
    json.writeNumberField("segment", firstSegment);
    if (segments != 1) {
      json.writeNumberField("segments", segments);
    }
    json.writeEndObject();
  }

  public void segment(Sha256 hash, int sizeBytes) throws IOException {
    enter(Run.SEGMENTS);
    json.writeStartObject();
    json.writeStringField("sha256", hash.toString());
    json.writeNumberField("size", sizeBytes);
    json.writeEndObject();
  }

  /** Ends the manifest. Lists that are required and were never entered become empty ones. */
  @Override
  public void close() throws IOException {
    enter(Run.SEGMENTS);
    leave();
    json.writeEndObject();
    json.close();
  }

  private void enter(Run run) throws IOException {
    if (run.compareTo(open) < 0) {
      throw new IllegalStateException(run + " after " + open);
    }
    for (Run next : Run.values()) {
      boolean due = next == run || next == Run.MEMBERS || next == Run.SEGMENTS;
      if (due && next.compareTo(open) > 0 && next.compareTo(run) <= 0) {
        leave();
        start(next);
      }
    }
  }

  private void start(Run run) throws IOException {
    json.writeFieldName(run.name().toLowerCase(Locale.ROOT));
    if (run == Run.COUNTERS) {
      json.writeStartObject();
    } else {
      json.writeStartArray();
    }
    open = run;
  }

  private void leave() throws IOException {
    if (open == Run.COUNTERS) {
      json.writeEndObject();
    } else if (open != Run.NONE) {
      json.writeEndArray();
    }
  }
}
