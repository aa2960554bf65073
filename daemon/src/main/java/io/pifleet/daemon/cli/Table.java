package io.pifleet.daemon.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of text in aligned columns. Keeps all rows until it is printed: for lists that a person
 * reads. Not thread-safe.
 */
public final class Table {
  private static final String GAP = "  ";

  private final List<String> headers = new ArrayList<>();
  private final List<Boolean> rightAligned = new ArrayList<>();
  private final List<String[]> rows = new ArrayList<>();

  /** Adds a column of texts, to the right of those there are. */
  public Table column(String header) {
    headers.add(header);
    rightAligned.add(false);
    return this;
  }

  /** Adds a column of figures, aligned to the right. */
  public Table figures(String header) {
    headers.add(header);
    rightAligned.add(true);
    return this;
  }

  /**
   * Adds a row.
   *
   * @param cells one per column; null is shown as {@code -}; control characters are replaced
   */
  public Table row(String... cells) {
    if (cells.length != headers.size()) {
      throw new IllegalArgumentException(
          "a row of " + cells.length + " cells in a table of " + headers.size() + " columns");
    }
    String[] printable = new String[cells.length];
    for (int i = 0; i < cells.length; i++) {
      printable[i] = cells[i] == null ? "-" : Printable.line(cells[i]);
    }
    rows.add(printable);
    return this;
  }

  /** Number of rows without the headers. */
  public int size() {
    return rows.size();
  }

  /** Prints headers and rows, each on a line without trailing blanks. */
  public void print(PrintStream out) {
    int[] widths = new int[headers.size()];
    String[] first = headers.toArray(new String[0]);
    widen(widths, first);
    for (String[] row : rows) {
      widen(widths, row);
    }
    out.println(line(widths, first));
    for (String[] row : rows) {
      out.println(line(widths, row));
    }
  }

  private static void widen(int[] widths, String[] cells) {
    for (int i = 0; i < cells.length; i++) {
      widths[i] = Math.max(widths[i], width(cells[i]));
    }
  }

  private String line(int[] widths, String[] cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.length; i++) {
      String padding = " ".repeat(widths[i] - width(cells[i]));
      line.append(i == 0 ? "" : GAP);
      if (rightAligned.get(i)) {
        line.append(padding).append(cells[i]);
      } else {
        line.append(cells[i]).append(padding);
      }
    }
    return line.toString().stripTrailing();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
