package io.pifleet.agent.plugin.exec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process and its descendants, to be ended together. Stateless. */
final class ProcessTree {

  /** What they have after SIGTERM to put their things in order. */
  private static final long TERM_NANOS = TimeUnit.SECONDS.toNanos(2);

  /**
   * SIGKILL needs no cooperation, but a process that waits for a dead disk dies only when that
   * answers.
   */
  private static final long KILL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long PAUSE_MS = 10;

  private ProcessTree() {}

  /**
   * SIGTERM, then SIGKILL to those that are still there after two seconds. When the thread is
   * interrupted meanwhile, SIGKILL comes at once.
   *
   * @throws IOException when the process is there even then
   */
  static void end(Process process) throws IOException {
    // Listed before anybody dies: children of a dead parent are no longer found below it.
    List<ProcessHandle> members = new ArrayList<>();
    members.add(process.toHandle());
    process.descendants().forEach(members::add);
    for (ProcessHandle member : members) {
      member.destroy();
    }
    boolean interrupted = !awaitEnd(members, TERM_NANOS);
    for (ProcessHandle member : List.copyOf(members)) {
      if (member.isAlive()) {
        member.descendants().forEach(members::add); // born since
      }
    }
    for (ProcessHandle member : members) {
      member.destroyForcibly();
    }
    interrupted |= !awaitEnd(members.subList(0, 1), KILL_NANOS);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (process.isAlive()) {
      throw new IOException("process " + process.pid() + " is there even after SIGKILL");
    }
  }

  /** Returns when all are dead or the time is over; false when interrupted. */
  private static boolean awaitEnd(List<ProcessHandle> members, long nanos) {
    long start = System.nanoTime();
    try {
      while (anyAlive(members) && System.nanoTime() - start < nanos) {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
      }
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static boolean anyAlive(List<ProcessHandle> members) {
    for (ProcessHandle member : members) {
      if (member.isAlive()) {
        return true;
      }
    }
    return false;
  }
}
