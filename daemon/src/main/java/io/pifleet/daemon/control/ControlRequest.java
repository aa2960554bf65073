package io.pifleet.daemon.control;

import io.pifleet.daemon.json.JsonObject;
import io.pifleet.daemon.json.JsonOut;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a client asks for, on the wire one line: {@code {"verb":"seal","args":{"wait":"true"}}}.
 *
 * @param verb a name that the daemon knows
 * @param args scalars as text, in the order of the request
 */
public record ControlRequest(String verb, Map<String, String> args) {
  /** Bytes of a request with its line end; holds any list of paths that somebody types. */
  static final int MAX_BYTES = 64 << 10;

  public ControlRequest {
    args = Map.copyOf(args);
  }

  /** An argument as text. */
  public String arg(String name, String fallback) {
    return args.getOrDefault(name, fallback);
  }

  /** Whether an argument is {@code true}. */
  public boolean flag(String name) {
    return "true".equals(args.get(name));
  }

  /**
   * @throws IOException when the line is no request, saying why
   */
  static ControlRequest parse(String line) throws IOException {
    JsonObject object = JsonObject.parse(line);
    String verb = object.text("verb", "");
    if (verb.isEmpty()) {
      throw new IOException("no verb; wanted: {\"verb\":\"status\",\"args\":{}}");
    }
    JsonObject given = object.object("args");
    Map<String, String> args = new LinkedHashMap<>();
    for (String name : given.names()) {
      String value = given.scalar(name);
      if (value == null) {
        throw new IOException("argument " + name + " is no text, number or boolean");
      }
      args.put(name, value);
    }
    return new ControlRequest(verb, args);
  }

  /** The line, with its end. */
  byte[] bytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonOut out = new JsonOut(bytes)) {
      out.object().text("verb", verb).object("args");
      for (Map.Entry<String, String> arg : args.entrySet()) {
        out.text(arg.getKey(), arg.getValue());
      }
      out.end().end();
    }
    if (bytes.size() > MAX_BYTES) {
      throw new IOException(
          "a request of " + bytes.size() + " bytes; the daemon takes " + MAX_BYTES);
    }
    return bytes.toByteArray();
  }
}
