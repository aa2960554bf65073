package io.pifleet.agent;

import io.pifleet.agent.config.ClockTrust;
import io.pifleet.agent.spool.DeviceClock;
import io.pifleet.linux.KernelClock;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The machine's clocks. Whether the wall clock is believed depends on the machine: a board that is
 * described by a device tree and has no real-time clock that runs starts with a guess, and is
 * believed once the kernel says that something disciplines its clock; a PC, a virtual machine or a
 * container gets its time from a clock that runs while it is off.
 *
 * <p>Thread-safe.
 */
final class SystemClock implements DeviceClock {
  private static final Logger LOG = LoggerFactory.getLogger(SystemClock.class);

  /** How long one answer of the kernel is good for. */
  private static final long ASK_AGAIN_NANOS = 1_000_000_000;

  /** Before that, there was no agent to read it. */
  private static final Instant EARLIEST = Instant.parse("2026-01-01T00:00:00Z");

  private final String bootId;
  private volatile boolean known;
  private volatile long askedNanos = System.nanoTime() - ASK_AGAIN_NANOS;

  private SystemClock(String bootId, boolean known) {
    this.bootId = bootId;
    this.known = known;
  }

  /**
   * @param root {@code /}, but in tests
   */
  static SystemClock on(Path root, ClockTrust trust) throws IOException {
    String bootId = KernelText.firstLine(root.resolve("proc/sys/kernel/random/boot_id"));
    boolean known =
        switch (trust) {
          case SYSTEM -> true;
          case SYNCHRONIZED -> false;
          case AUTO -> !isBoardWithoutClock(root);
        };
    return new SystemClock(bootId, known);
  }

  static boolean isBoardWithoutClock(Path root) throws IOException {
    if (!Files.exists(root.resolve("sys/firmware/devicetree/base"))) {
      return false;
    }
    Path clocks = root.resolve("sys/class/rtc");
    if (!Files.isDirectory(clocks)) {
      return true;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(clocks)) {
      for (Path clock : all) {
        if (hasTime(clock)) {
          return false;
        }
      }
    }
    return true;
  }

  /** A clock whose battery is empty, or was never bought (Raspberry Pi 5), starts in 1970. */
  private static boolean hasTime(Path clock) {
    try {
      return Long.parseLong(KernelText.firstLine(clock.resolve("since_epoch")))
          >= EARLIEST.getEpochSecond();
    } catch (IOException | NumberFormatException e) {
      return false; // the driver itself does not believe it: EINVAL
    }
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  /** CLOCK_MONOTONIC, which HotSpot's nanoTime is on Linux: one origin for all of a boot. */
  @Override
  public long monotonicNanos() {
    return System.nanoTime();
  }

  @Override
  public boolean known() {
    long now = System.nanoTime();
    if (!known && now - askedNanos >= ASK_AGAIN_NANOS) {
      askedNanos = now;
      try {
        known = KernelClock.read().synchronizedNow();
      } catch (IOException e) {
        LOG.warn(
            "whether the clock is synchronized cannot be told, so it is believed: {}",
            e.getMessage());
        known = true;
      }
    }
    return known;
  }

  @Override
  public String bootId() {
    return bootId;
  }
}
