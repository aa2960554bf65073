package io.pifleet.collector.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Adds a correction to the time stamp of each line of line protocol that passes: the digits behind
 * the last space of the line. A line without them passes as it is. Not thread-safe.
 */
final class StampCorrector extends OutputStream {
  /** Longest line; the agent's checker allows far less. */
  private static final int MAX_LINE_BYTES = 1 << 20;

  private final OutputStream out;
  private final long correctionNanos;
  private byte[] line = new byte[512];
  private int length;

  StampCorrector(OutputStream out, long correctionNanos) {
    this.out = out;
    this.correctionNanos = correctionNanos;
  }

  @Override
  public void write(int b) throws IOException {
    if (length == line.length) {
      if (length == MAX_LINE_BYTES) {
        throw new IOException("a line is longer than " + MAX_LINE_BYTES + " bytes");
      }
      line = Arrays.copyOf(line, Math.min(2 * length, MAX_LINE_BYTES));
    }
    line[length++] = (byte) b;
    if (b == '\n') {
      endLine();
    }
  }

  private void endLine() throws IOException {
    int end = length > 0 && line[length - 1] == '\n' ? length - 1 : length;
    int space = end - 1;
    while (space >= 0 && line[space] != ' ') {
      space--;
    }
    String digits = new String(line, space + 1, end - space - 1, StandardCharsets.US_ASCII);
    if (space >= 0 && digits.matches("-?[0-9]{1,19}")) {
      out.write(line, 0, space + 1);
      out.write(corrected(digits).getBytes(StandardCharsets.US_ASCII));
      out.write(line, end, length - end);
    } else {
      out.write(line, 0, length);
    }
    length = 0;
  }

  private String corrected(String digits) {
    try {
      return Long.toString(Math.addExact(Long.parseLong(digits), correctionNanos));
    } catch (NumberFormatException | ArithmeticException e) {
      return digits; // no time that there can be
    }
  }

  /** Passes on a line that has not ended; {@code out} stays open. */
  @Override
  public void close() throws IOException {
    if (length > 0) {
      endLine();
    }
  }
}
