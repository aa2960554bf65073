package io.pifleet.daemon.json;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;

/**
 * Writes JSON values, each top-level one on a line of its own. Calls that do not make a valid
 * document (a member without a name inside an object) throw an {@link IOException}. Not
 * thread-safe.
 */
public final class JsonOut implements Closeable {
  private static final JsonFactory FACTORY = new JsonFactory().setRootValueSeparator(null);

  private final JsonGenerator generator;

  /** Writes UTF-8 to {@code out}, which stays open when this is closed. */
  public JsonOut(OutputStream out) throws IOException {
    generator =
        FACTORY
            .createGenerator(out, JsonEncoding.UTF8)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
  }

  /** Opens an object: at the top, or as an item of an array. */
  public JsonOut object() throws IOException {
    generator.writeStartObject();
    return this;
  }

  /** Opens an object that is a member. */
  public JsonOut object(String name) throws IOException {
    generator.writeFieldName(name);
    return object();
  }

  /** Opens an array: at the top, or as an item of an array. */
  public JsonOut array() throws IOException {
    generator.writeStartArray();
    return this;
  }

  /** Opens an array that is a member. */
  public JsonOut array(String name) throws IOException {
    generator.writeFieldName(name);
    return array();
  }

  /** Closes what was opened last; at the top, ends the line and flushes. */
  public JsonOut end() throws IOException {
    if (generator.getOutputContext().inArray()) {
      generator.writeEndArray();
    } else {
      generator.writeEndObject();
    }
    if (generator.getOutputContext().inRoot()) {
      generator.writeRaw('\n');
      generator.flush();
    }
    return this;
  }

  /** A text member; null is written as null. */
  public JsonOut text(String name, String value) throws IOException {
    generator.writeStringField(name, value);
    return this;
  }

  /** A whole number as member. */
  public JsonOut number(String name, long value) throws IOException {
    generator.writeNumberField(name, value);
    return this;
  }

  /** A number as member; what is not finite is written as null, which JSON has no number for. */
  public JsonOut number(String name, double value) throws IOException {
    if (Double.isFinite(value)) {
      generator.writeNumberField(name, value);
    } else {
      generator.writeNullField(name);
    }
    return this;
  }

  /** A boolean member. */
  public JsonOut flag(String name, boolean value) throws IOException {
    generator.writeBooleanField(name, value);
    return this;
  }

  /** A time as member, in ISO 8601 and UTC; null is written as null. */
  public JsonOut time(String name, Instant value) throws IOException {
    return text(name, value == null ? null : value.toString());
  }

  /** A text item of an array. */
  public JsonOut item(String value) throws IOException {
    generator.writeString(value);
    return this;
  }

  /** A whole number as item of an array. */
  public JsonOut item(long value) throws IOException {
    generator.writeNumber(value);
    return this;
  }

  /** Flushes, and closes objects and arrays that are still open. */
  @Override
  public void close() throws IOException {
    generator.close();
  }
}
