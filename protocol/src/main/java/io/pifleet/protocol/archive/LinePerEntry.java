package io.pifleet.protocol.archive;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.PrettyPrinter;
import java.io.IOException;

/**
 * Lays JSON out so that {@code grep} and people can read it: each key of the outermost object and
 * each entry of a list on a line of its own, everything deeper on the same line. Holds the depth of
 * one document; not thread-safe.
 */
final class LinePerEntry implements PrettyPrinter {
  private int objects;

  @Override
  public void writeRootValueSeparator(JsonGenerator json) throws IOException {
    json.writeRaw('\n');
  }

  @Override
  public void writeStartObject(JsonGenerator json) throws IOException {
    json.writeRaw('{');
    objects++;
  }

  @Override
  public void beforeObjectEntries(JsonGenerator json) throws IOException {
    if (objects == 1) {
      json.writeRaw("\n  ");
    }
  }

  @Override
  public void writeObjectFieldValueSeparator(JsonGenerator json) throws IOException {
    json.writeRaw(": ");
  }

  @Override
  public void writeObjectEntrySeparator(JsonGenerator json) throws IOException {
    json.writeRaw(objects == 1 ? ",\n  " : ", ");
  }

  @Override
  public void writeEndObject(JsonGenerator json, int entries) throws IOException {
    objects--;
    json.writeRaw(objects == 0 ? "\n}\n" : "}");
  }

  @Override
  public void writeStartArray(JsonGenerator json) throws IOException {
    json.writeRaw('[');
  }

  @Override
  public void beforeArrayValues(JsonGenerator json) throws IOException {
    json.writeRaw("\n    ");
  }

  @Override
  public void writeArrayValueSeparator(JsonGenerator json) throws IOException {
    json.writeRaw(",\n    ");
  }

  @Override
  public void writeEndArray(JsonGenerator json, int entries) throws IOException {
    json.writeRaw(entries == 0 ? "]" : "\n  ]");
  }
}
