package io.pifleet.collector.cli;

import io.pifleet.daemon.json.JsonOut;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Prints one JSON object as a line on stdout. */
final class JsonLine {
  /** Writes the members; the braces are there. */
  interface Body {
    void write(JsonOut out) throws IOException;
  }

  private JsonLine() {}

  static void print(Body body) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    try (JsonOut out = new JsonOut(line)) {
      out.object();
      body.write(out);
      out.end();
    }
    System.out.write(line.toByteArray(), 0, line.size());
  }
}
