package io.pifleet.agent.spool;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.agent.plugin.FileSink.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;

/**
 * A process that fills a spool as fast as it can until it is killed, and says on stdout what has
 * become durable. Arguments: spool's parent directory, first record number, seed.
 */
final class KilledWriter {
  private KilledWriter() {}

  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0]);
    long next = Long.parseLong(arguments[1]);
    Random random = new Random(Long.parseLong(arguments[2]));
    SpoolSettings settings =
        new SpoolSettings(
            root.resolve("spool"),
            PeriodRule.isoWeek(),
            Duration.ofSeconds(1),
            SpoolSettings.MIN_SEGMENT_BYTES,
            1L << 40,
            0,
            0,
            WhenFull.DROP_OLDEST,
            1);
    Spool spool =
        Spool.open(settings, new Clock(), SpoolBench.DEVICE, "test", name -> say("S " + name));
    spool.start();
    Path source = Files.createDirectories(root.resolve("source"));
    say("started");
    for (int round = 0; ; round++) {
      long from = next;
      for (int i = 0; i < 50; i++) {
        byte[] line = ("n value=" + next + "i " + next + "\n").getBytes(StandardCharsets.UTF_8);
        while (!spool.accept("test", line, 0, line.length, 1)) {
          Thread.sleep(1);
        }
        next++;
      }
      spool.wake();
      long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (!spool.isSettledRecords() && System.nanoTime() < end) {
        Thread.sleep(1);
      }
      if (spool.isSettledRecords()) {
        say("records " + from + " to " + (next - 1) + ".");
      }
      offerAll(spool, source);
      if (round % 4 == 0) {
        byte[] bytes = new byte[random.nextInt(8) == 0 ? 1_500_000 : random.nextInt(20_000)];
        random.nextBytes(bytes);
        Path temporary = source.resolve("new.part");
        Files.write(temporary, bytes);
        Files.move(temporary, source.resolve("file-" + next));
      }
      if (random.nextInt(12) == 0) {
        spool.seal(Duration.ofSeconds(20));
      }
    }
  }

  static void offerAll(Spool spool, Path source) throws Exception {
    try (var files = Files.list(source)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("file-")).toList()) {
        FileChange change = SpoolBench.change("f", file);
        if (spool.ask(change) == Answer.NEW) {
          spool.offer(change);
        }
      }
    }
  }

  private static synchronized void say(String what) {
    System.out.println(what);
    System.out.flush();
  }

  /** The system's clocks, believed. */
  static final class Clock implements DeviceClock {
    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public long monotonicNanos() {
      return System.nanoTime();
    }

    @Override
    public boolean known() {
      return true;
    }

    @Override
    public String bootId() {
      return "00000000-0000-4000-8000-00000000000a";
    }
  }
}
