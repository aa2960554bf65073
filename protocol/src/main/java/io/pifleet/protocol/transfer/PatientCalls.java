package io.pifleet.protocol.transfer;

import io.pifleet.protocol.wire.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs calls to the store that may take long on a thread of their own, while the connection's
 * thread tells the device to wait. It is this way round so that one thread writes to the
 * connection: a device that reads nothing can block its own WAITs, and nobody else's.
 */
final class PatientCalls {
  private final PeerOutput output;
  private final long intervalNanos;

  PatientCalls(PeerOutput output, Duration interval) {
    this.output = output;
    this.intervalNanos = interval.toNanos();
  }

  /**
   * Returns when the call does, whatever becomes of the connection: what the call has opened or
   * stored is never left behind.
   *
   * @param doing what the device is told
   */
  <T> T run(String doing, StoreCall<T> call) throws IOException {
    FutureTask<T> task = new FutureTask<>(() -> StoreCall.guarded(call));
    Thread thread = new Thread(task, Thread.currentThread().getName() + "-store");
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    boolean reachable = true;
    try {
      while (true) {
        try {
          return task.get(intervalNanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          reachable = reachable && say(doing);
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw unwrapped(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean say(String doing) {
    try {
      output.say(new Message.Wait(doing, -1, -1));
      return true;
    } catch (IOException e) {
      return false; // the next message will fail as well, and say so
    }
  }

  private static IOException unwrapped(ExecutionException failure) {
    Throwable cause = failure.getCause();
    if (cause instanceof IOException io) {
      return io;
    }
    if (cause instanceof RuntimeException defect) {
      throw defect;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return new IOException(cause);
  }
}
