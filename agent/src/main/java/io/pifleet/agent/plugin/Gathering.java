package io.pifleet.agent.plugin;

/**
 * One run of a plugin: its time, and where its findings go. Valid until {@link Plugin#gather}
 * returns. What a run hands over counts even when it fails or is interrupted later; from a run that
 * had to be given up, records are dropped.
 */
public interface Gathering {

  /** The plugin's name in the configuration, which is not always its type. */
  String plugin();

  /**
   * Wall clock at the start of the run, in nanoseconds since 1970-01-01T00:00:00Z: the stamp of
   * records that have none of their own.
   */
  long stampNanos();

  /**
   * Takes records; whole lines reach the {@link RecordSink} by themselves, the last ones when the
   * run ends.
   */
  LineWriter lines();

  /** Takes files. */
  FileSink files();

  /**
   * Lines that were not line protocol were left out: counted, and the first one shown in the
   * plugin's status.
   */
  void rejected(int lines, String firstProblem);

  /**
   * Something that a person should look at, although the run goes on and is no failure, such as
   * files that may not be read. Shown in the plugin's status and logged when it changes.
   */
  void problem(String message);
}
