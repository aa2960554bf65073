package io.pifleet.protocol.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A process of a test, whose lines of output can be waited for. */
final class Peer {
  private final Process process;
  private final List<String> lines = new ArrayList<>(); // guarded by itself
  private int seen; // guarded by lines

  Peer(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "output-of-" + process.pid());
    reader.setDaemon(true);
    reader.start();
  }

  /** Waits for the next line that the pattern is found in; those before it are passed over. */
  String await(String pattern) throws InterruptedException {
    Pattern wanted = Pattern.compile(pattern);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
    synchronized (lines) {
      while (true) {
        while (seen < lines.size()) {
          String line = lines.get(seen++);
          if (wanted.matcher(line).find()) {
            return line;
          }
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new AssertionError("no line with " + pattern + " in:\n" + String.join("\n", lines));
        }
        TimeUnit.NANOSECONDS.timedWait(lines, left);
      }
    }
  }

  /** All that was printed. */
  String output() {
    synchronized (lines) {
      return String.join("\n", lines);
    }
  }

  long pid() {
    return process.pid();
  }

  /** Lets it end by itself: closes its input. */
  void endInput() throws IOException {
    process.getOutputStream().close();
  }

  /** Waits until it has ended by itself, and well. */
  void end() throws InterruptedException {
    if (!process.waitFor(40, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new AssertionError("ended badly or not at all:\n" + output());
    }
  }

  /** Ends it without giving it time for anything. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(10, TimeUnit.SECONDS);
  }

  void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      kill();
    }
  }

  private void read() {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        synchronized (lines) {
          lines.add(line);
          lines.notifyAll();
        }
      }
    } catch (IOException closed) {
      // The process was killed while it was being read; what was read counts.
    }
  }
}
