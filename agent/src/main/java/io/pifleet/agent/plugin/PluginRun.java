package io.pifleet.agent.plugin;

/**
 * One run, as the plugin sees it, and what came of it. Belongs to the thread that runs it, apart
 * from {@link #abandon}.
 */
final class PluginRun implements Gathering, LineWriter.Outlet {
  private final String plugin;
  private final long stampNanos;
  private final RecordSink recordSink;
  private final FileSink fileSink;
  private final LineWriter lines = new LineWriter(this);

  private volatile boolean abandoned;

  private long records;
  private long refusedRecords;
  private long rejectedLines;
  private String problem = "";

  PluginRun(String plugin, long stampNanos, RecordSink recordSink, FileSink fileSink) {
    this.plugin = plugin;
    this.stampNanos = stampNanos;
    this.recordSink = recordSink;
    this.fileSink = fileSink;
  }

  /**
   * The run hangs: should it ever come back, its records are out of date and are dropped. Any
   * thread.
   */
  void abandon() {
    abandoned = true;
  }

  long records() {
    return records;
  }

  long refusedRecords() {
    return refusedRecords;
  }

  long rejectedLines() {
    return rejectedLines;
  }

  /** The first complaint, or empty. */
  String problem() {
    return problem;
  }

  @Override
  public String plugin() {
    return plugin;
  }

  @Override
  public long stampNanos() {
    return stampNanos;
  }

  @Override
  public LineWriter lines() {
    return lines;
  }

  @Override
  public FileSink files() {
    return fileSink;
  }

  @Override
  public void rejected(int count, String firstProblem) {
    rejectedLines += count;
    problem(count + (count == 1 ? " line" : " lines") + " rejected; " + firstProblem);
  }

  @Override
  public void problem(String message) {
    if (problem.isEmpty()) {
      problem = message;
    }
  }

  @Override
  public void batch(byte[] bytes, int length, int count) {
    if (abandoned) {
      return;
    }
    if (recordSink.accept(plugin, bytes, 0, length, count)) {
      records += count;
    } else {
      refusedRecords += count;
    }
  }

  @Override
  public void tooLong(String measurement) {
    rejected(
        1,
        "a record of "
            + Quotation.of(measurement)
            + " is longer than "
            + LineWriter.MAX_LINE_BYTES
            + " bytes");
  }
}
