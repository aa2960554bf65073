package io.pifleet.agent.plugin;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A run of a plugin under test, and what came of it. */
public final class RecordedRun implements RecordSink {

  public static final long STAMP = 1_763_628_860_123_456_789L;

  private final StringBuilder text = new StringBuilder();
  private final PluginRun run;
  private int records;

  public RecordedRun() {
    this(STAMP, null);
  }

  public RecordedRun(long stampNanos, FileSink files) {
    run = new PluginRun("under-test", stampNanos, this, files);
  }

  /** Gathers once; an exception of the plugin goes on, after its lines were flushed. */
  public RecordedRun gather(Plugin plugin) throws Exception {
    try {
      plugin.gather(run);
    } finally {
      run.lines().flush();
    }
    return this;
  }

  public Gathering gathering() {
    return run;
  }

  /** Everything, as it would stand in an archive. */
  public String text() {
    run.lines().flush();
    return text.toString();
  }

  /** Lines without the stamp of the run. */
  public List<String> unstamped() {
    List<String> lines = new ArrayList<>();
    for (String line : text().lines().toList()) {
      String stamp = " " + run.stampNanos();
      lines.add(line.endsWith(stamp) ? line.substring(0, line.length() - stamp.length()) : line);
    }
    return lines;
  }

  public int records() {
    return records;
  }

  public long rejected() {
    return run.rejectedLines();
  }

  public String problem() {
    return run.problem();
  }

  @Override
  public boolean accept(String plugin, byte[] lines, int offset, int length, int count) {
    text.append(new String(lines, offset, length, StandardCharsets.UTF_8));
    records += count;
    return true;
  }
}
