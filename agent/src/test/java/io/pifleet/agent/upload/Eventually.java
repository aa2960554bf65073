package io.pifleet.agent.upload;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for what other threads bring about. */
public final class Eventually {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** May be asked again and again. */
  public interface Condition {
    boolean holds() throws Exception;
  }

  private Eventually() {}

  /**
   * @param otherwise says how things stand when the limit has passed
   */
  public static void until(Condition condition, Supplier<String> otherwise) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - end > 0) {
        fail("still not so after " + LIMIT.toSeconds() + " s: " + otherwise.get());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
