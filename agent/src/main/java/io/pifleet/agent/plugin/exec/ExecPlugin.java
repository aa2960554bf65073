package io.pifleet.agent.plugin.exec;

import io.pifleet.agent.plugin.Gathering;
import io.pifleet.agent.plugin.LineIntake;
import io.pifleet.agent.plugin.Plugin;
import io.pifleet.agent.plugin.Quotation;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a command and takes the line protocol that it writes, while it writes it. What came before a
 * failure counts.
 *
 * <p>The command runs in {@code /} with an empty standard input and an environment of PATH, LANG, a
 * mark of this run, and what the configuration adds. When the run is interrupted, or the command
 * writes too much, it is ended, and what it started with it ({@link ProcessTree}). When the command
 * ends by itself, nobody waits for what it left behind, even when that holds its output open.
 *
 * <p><b>Design note:</b> the output is looked after by asking what is there and never by a read
 * that waits: such a read cannot be interrupted, and lasts as long as anybody has the pipe open. So
 * one run needs one thread and no more.
 */
final class ExecPlugin implements Plugin {

  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /**
   * The pauses between two looks grow up to this. Most commands end before; the end of a process
   * ends a pause.
   */
  private static final long MAX_PAUSE_MS = 20;

  /** What a pipe holds, and so what is read at most after an interrupt; pipe(7). */
  private static final int PIPE_BYTES = 64 * 1024;

  /** Enough for the first line of what went wrong. */
  private static final int KEPT_ERROR_BYTES = 1024;

  private final ExecRecipe recipe;
  private final byte[] chunk = new byte[4 * 1024];

  ExecPlugin(ExecRecipe recipe) {
    this.recipe = recipe;
  }

  @Override
  public void gather(Gathering gathering) throws IOException, InterruptedException {
    String mark = gathering.plugin() + "-" + gathering.stampNanos();
    Process process = start(mark);
    LineIntake intake = new LineIntake(gathering);
    ByteArrayOutputStream errors = new ByteArrayOutputStream(0);
    try (InputStream output = process.getInputStream();
        InputStream errorOutput = process.getErrorStream()) {
      try {
        follow(process, output, errorOutput, intake, errors);
      } finally {
        if (process.isAlive()) {
          new ProcessTree(process, mark).end();
        }
        intake.end();
      }
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          recipe.command().get(0)
              + " ended with exit status "
              + process.exitValue()
              + firstLine(errors));
    }
  }

  private Process start(String mark) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(recipe.command());
    builder.directory(new File("/"));
    builder.redirectInput(new File("/dev/null"));
    Map<String, String> environment = builder.environment();
    String path = environment.getOrDefault("PATH", DEFAULT_PATH);
    environment.clear();
    environment.put("PATH", path);
    environment.put("LANG", "C.UTF-8");
    environment.putAll(recipe.environment());
    environment.put(ProcessTree.MARK_VARIABLE, mark);
    return builder.start();
  }

  private void follow(
      Process process,
      InputStream output,
      InputStream errorOutput,
      LineIntake intake,
      ByteArrayOutputStream errors)
      throws IOException, InterruptedException {
    long taken = 0;
    long pauseMs = 1;
    boolean interrupted = false;
    int chunksLeft = PIPE_BYTES / chunk.length;
    while (true) {
      // Asked before the look at the pipes: all that an ended process wrote is in them by then.
      boolean ended = !process.isAlive();
      interrupted |= Thread.interrupted();
      int read = readSome(output);
      if (read > 0) {
        taken += read;
        if (taken > recipe.maxOutputBytes()) {
          throw new IOException(
              recipe.command().get(0)
                  + " wrote more than "
                  + recipe.maxOutputBytes()
                  + " bytes and was ended");
        }
        intake.take(chunk, 0, read);
      }
      if (interrupted && (read == 0 || --chunksLeft == 0)) {
        throw new InterruptedException();
      }
      int readErrors = readSome(errorOutput);
      if (readErrors > 0) {
        errors.write(chunk, 0, Math.min(readErrors, KEPT_ERROR_BYTES - errors.size()));
      }
      if (read > 0 || readErrors > 0) {
        pauseMs = 1;
      } else if (ended) {
        return;
      } else {
        try {
          process.waitFor(pauseMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
          interrupted = true; // what was written in time counts: one more look
        }
        pauseMs = Math.min(MAX_PAUSE_MS, 2 * pauseMs);
      }
    }
  }

  /** Reads what is there, at most a chunk; 0 when there is nothing. */
  private int readSome(InputStream stream) throws IOException {
    int available = stream.available();
    return available > 0 ? stream.read(chunk, 0, Math.min(available, chunk.length)) : 0;
  }

  private static String firstLine(ByteArrayOutputStream errors) {
    String text = errors.toString(StandardCharsets.UTF_8).strip();
    int newline = text.indexOf('\n');
    String line = newline < 0 ? text : text.substring(0, newline).stripTrailing();
    return line.isEmpty() ? "" : ": " + Quotation.of(line);
  }
}
