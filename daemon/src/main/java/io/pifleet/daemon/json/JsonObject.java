package io.pifleet.daemon.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A small JSON object, read whole: a request, or one line of a reply. Its size is bounded by the
 * caller, its nesting here. A member of another type than asked for counts as absent. Immutable.
 */
public final class JsonObject {
  private static final int MAX_DEPTH = 16;
  private static final JsonObject EMPTY = new JsonObject(Map.of());

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /** Values: String, Long, Double, Boolean, JsonObject, List of these; null members are dropped. */
  private final Map<String, Object> members;

  private JsonObject(Map<String, Object> members) {
    this.members = members;
  }

  /**
   * Reads exactly one object.
   *
   * @throws IOException when {@code text} is anything else, with the column
   */
  public static JsonObject parse(String text) throws IOException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      JsonObject object = readObject(parser);
      if (parser.nextToken() != null) {
        throw new IOException("more than one JSON object");
      }
      return object;
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : ", column " + e.getLocation().getColumnNr();
      throw new IOException("not JSON" + where + ": " + e.getOriginalMessage(), e);
    }
  }

  /** Names of the members, in the order of the text. */
  public Set<String> names() {
    return members.keySet();
  }

  /** A text member. */
  public String text(String name, String fallback) {
    return members.get(name) instanceof String text ? text : fallback;
  }

  /** A whole number. */
  public long number(String name, long fallback) {
    return members.get(name) instanceof Long number ? number : fallback;
  }

  /** A number, whole or not. */
  public double decimal(String name, double fallback) {
    return members.get(name) instanceof Number number ? number.doubleValue() : fallback;
  }

  /** A boolean member. */
  public boolean flag(String name, boolean fallback) {
    return members.get(name) instanceof Boolean flag ? flag : fallback;
  }

  /** An object member; an empty object when absent. */
  public JsonObject object(String name) {
    return members.get(name) instanceof JsonObject object ? object : EMPTY;
  }

  /** The objects in an array member; none when absent. */
  public List<JsonObject> objects(String name) {
    return items(name, JsonObject.class);
  }

  /** The texts in an array member; none when absent. */
  public List<String> texts(String name) {
    return items(name, String.class);
  }

  /** Text, number or boolean as text; null when absent or none of these. */
  public String scalar(String name) {
    Object value = members.get(name);
    return value == null || value instanceof List || value instanceof JsonObject
        ? null
        : value.toString();
  }

  private <T> List<T> items(String name, Class<T> type) {
    List<T> found = new ArrayList<>();
    if (members.get(name) instanceof List<?> items) {
      for (Object item : items) {
        if (type.isInstance(item)) {
          found.add(type.cast(item));
        }
      }
    }
    return found;
  }

  private static JsonObject readObject(JsonParser parser) throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      Object value = readValue(parser);
      if (value != null) {
        members.put(name, value);
      }
    }
    return new JsonObject(Collections.unmodifiableMap(members));
  }

  private static Object readValue(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> readObject(parser);
      case START_ARRAY -> readArray(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private static List<Object> readArray(JsonParser parser) throws IOException {
    List<Object> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Object item = readValue(parser);
      if (item != null) {
        items.add(item);
      }
    }
    return Collections.unmodifiableList(items);
  }
}
