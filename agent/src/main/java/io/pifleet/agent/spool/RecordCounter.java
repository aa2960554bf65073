package io.pifleet.agent.spool;

import java.nio.ByteBuffer;

/**
 * Counts records of line protocol: newlines that do not stand inside a quoted string. A quote means
 * something in the fields only, which begin after the first space that no backslash escapes. Not
 * thread-safe.
 */
final class RecordCounter {
  private enum Place {
    KEY,
    FIELDS,
    STRING
  }

  private Place place = Place.KEY;
  private boolean escaped;
  private long records;

  long records() {
    return records;
  }

  void count(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      byte b = bytes.get();
      if (escaped) {
        escaped = false;
      } else if (b == '\\') {
        escaped = true;
      } else if (b == '\n' && place != Place.STRING) {
        records++;
        place = Place.KEY;
      } else if (b == ' ' && place == Place.KEY) {
        place = Place.FIELDS;
      } else if (b == '"' && place != Place.KEY) {
        place = place == Place.STRING ? Place.FIELDS : Place.STRING;
      }
    }
  }
}
