package io.pifleet.agent.plugin;

import java.util.Arrays;

/**
 * Takes the output of something that is supposed to write line protocol, piece by piece as it
 * comes, and passes on the records that are right, each with a timestamp: its own, or that of the
 * run.
 *
 * <p>A line that is wrong is left out, counted, and the first one reported with its number. A quote
 * that is never closed costs its own line only: the text after it is read again from the next line
 * on. Memory: at most one line, {@link LineWriter#MAX_LINE_BYTES}.
 *
 * <p>Belongs to one run; not thread-safe.
 */
public final class LineIntake {

  private static final int INITIAL_BYTES = 4 * 1024;

  private final Gathering gathering;
  private final LineSyntax syntax = new LineSyntax();
  private byte[] buffer = new byte[INITIAL_BYTES];
  private int filled;
  private boolean skipping;
  private long lineNumber = 1;
  private int rejected;
  private String firstProblem = "";

  public LineIntake(Gathering gathering) {
    this.gathering = gathering;
  }

  /** Takes the next bytes; where they are cut does not matter. */
  public void take(byte[] from, int offset, int length) {
    int start = offset;
    int end = offset + length;
    while (start < end) {
      if (skipping) {
        start = skipLine(from, start, end);
        continue;
      }
      int part = Math.min(end - start, makeRoom(end - start));
      System.arraycopy(from, start, buffer, filled, part);
      boolean newline = indexOfNewline(buffer, filled, filled + part) >= 0;
      filled += part;
      start += part;
      if (newline || filled == LineWriter.MAX_LINE_BYTES) {
        readRecords(false);
      }
    }
  }

  /** Nothing more comes: reads what is left, and reports what was rejected. */
  public void end() {
    if (filled > 0) {
      byte[] newline = {'\n'}; // the last line may lack it
      take(newline, 0, 1);
      readRecords(true);
    }
    if (rejected > 0) {
      gathering.rejected(rejected, firstProblem);
    }
  }

  private void readRecords(boolean last) {
    int start = 0;
    while (start < filled) {
      LineSyntax.Verdict verdict = syntax.read(buffer, start, filled);
      if (verdict == LineSyntax.Verdict.INCOMPLETE) {
        boolean full = start == 0 && filled == LineWriter.MAX_LINE_BYTES;
        if (!full && !last) {
          break;
        }
        start =
            rejectLine(
                start,
                full
                    ? "longer than "
                        + LineWriter.MAX_LINE_BYTES
                        + " bytes, or a quote that is not closed"
                    : "a quote is not closed");
      } else if (verdict == LineSyntax.Verdict.WRONG) {
        start = rejectLine(start, syntax.wrong());
      } else {
        if (verdict == LineSyntax.Verdict.RECORD) {
          int length = syntax.recordEnd() - syntax.recordStart();
          gathering
              .lines()
              .copy(buffer, syntax.recordStart(), length, syntax.stamped(), gathering.stampNanos());
        }
        countLines(start, syntax.next());
        start = syntax.next();
      }
    }
    System.arraycopy(buffer, start, buffer, 0, filled - start);
    filled -= start;
  }

  /** Leaves out one line of text, and returns where the next one begins. */
  private int rejectLine(int start, String why) {
    int newline = indexOfNewline(buffer, start, filled);
    int end = newline < 0 ? filled : newline;
    if (rejected++ == 0) {
      firstProblem =
          "line " + lineNumber + ": " + why + ": " + Quotation.of(buffer, start, end - start);
    }
    if (newline < 0) {
      skipping = true;
      return filled;
    }
    lineNumber++;
    return newline + 1;
  }

  private int skipLine(byte[] from, int start, int end) {
    int newline = indexOfNewline(from, start, end);
    if (newline < 0) {
      return end;
    }
    skipping = false;
    lineNumber++;
    return newline + 1;
  }

  /** Bytes that fit now, at least 1. */
  private int makeRoom(int wanted) {
    int needed = Math.min(filled + wanted, LineWriter.MAX_LINE_BYTES);
    if (needed > buffer.length) {
      buffer =
          Arrays.copyOf(
              buffer, Math.min(LineWriter.MAX_LINE_BYTES, Math.max(needed, 2 * buffer.length)));
    }
    return buffer.length - filled;
  }

  private void countLines(int start, int end) {
    for (int i = start; i < end; i++) {
      if (buffer[i] == '\n') {
        lineNumber++;
      }
    }
  }

  private static int indexOfNewline(byte[] bytes, int start, int end) {
    for (int i = start; i < end; i++) {
      if (bytes[i] == '\n') {
        return i;
      }
    }
    return -1;
  }
}
