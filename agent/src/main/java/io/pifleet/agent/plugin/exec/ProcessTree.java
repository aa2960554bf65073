package io.pifleet.agent.plugin.exec;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A command and all that it started, to be ended together.
 *
 * <p>Descendants alone are not enough: a child that is born between the look at the tree and its
 * parent's death belongs to nobody afterwards. So each run of a command has a mark in its
 * environment, which children inherit, and by which they are found wherever they hang;
 * proc_pid_environ(5). Who changed user, or cleared the environment, is on its own.
 *
 * <p>Belongs to one run; not thread-safe.
 */
final class ProcessTree {

  /** The variable that bears the mark. */
  static final String MARK_VARIABLE = "PIFLEET_RUN";

  /** What they have after SIGTERM to put their things in order. */
  private static final long TERM_NANOS = TimeUnit.SECONDS.toNanos(2);

  /**
   * SIGKILL needs no cooperation, but a process that waits for a dead disk dies only when that
   * answers.
   */
  private static final long KILL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int MAX_ENVIRONMENT_BYTES =
      128 * 1024; // one string of it at most: execve(2)

  private static final long PAUSE_MS = 20;

  private final Process process;
  private final byte[] mark;
  private final Set<ProcessHandle> members = new HashSet<>();

  /**
   * @param mark the value of {@link #MARK_VARIABLE} that the process was started with
   */
  ProcessTree(Process process, String mark) {
    this.process = process;
    this.mark = (MARK_VARIABLE + "=" + mark + "\0").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * SIGTERM, then SIGKILL to those that are still there after two seconds. When the thread is
   * interrupted meanwhile, SIGKILL comes at once.
   *
   * @throws IOException when the process is there even then
   */
  void end() throws IOException {
    Set<ProcessHandle> asked = new HashSet<>();
    boolean interrupted = false;
    long start = System.nanoTime();
    long elapsed = 0;
    // Looked for again each time: some may have been born since.
    for (findMembers(); !members.isEmpty() && elapsed < TERM_NANOS + KILL_NANOS; findMembers()) {
      boolean kill = interrupted || elapsed >= TERM_NANOS;
      for (ProcessHandle member : members) {
        if (kill) {
          member.destroyForcibly();
        } else if (asked.add(member)) {
          member.destroy();
        }
      }
      interrupted |= !pause();
      elapsed = System.nanoTime() - start;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (process.isAlive()) {
      throw new IOException("process " + process.pid() + " is there even after SIGKILL");
    }
  }

  /** All that live now. One that is dead but not yet waited for has no environment. */
  private void findMembers() throws IOException {
    members.clear();
    if (process.isAlive()) {
      members.add(process.toHandle());
      process.descendants().forEach(members::add);
    }
    byte[] environment = new byte[MAX_ENVIRONMENT_BYTES];
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path candidate : processes) {
        if (isMarked(candidate, environment)) {
          long pid = Long.parseLong(candidate.getFileName().toString());
          ProcessHandle.of(pid).ifPresent(members::add);
        }
      }
    }
  }

  private boolean isMarked(Path candidate, byte[] environment) {
    int length = 0;
    try (FileInputStream in = new FileInputStream(candidate.resolve("environ").toString())) {
      length = in.readNBytes(environment, 0, environment.length);
    } catch (IOException e) {
      // Ended, or another user's.
    }
    for (int i = 0; i <= length - mark.length; i++) {
      boolean begins = i == 0 || environment[i - 1] == 0;
      if (begins && matches(environment, i)) {
        return true;
      }
    }
    return false;
  }

  private boolean matches(byte[] environment, int offset) {
    for (int i = 0; i < mark.length; i++) {
      if (environment[offset + i] != mark[i]) {
        return false;
      }
    }
    return true;
  }

  /** False when interrupted. */
  private static boolean pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }
}
