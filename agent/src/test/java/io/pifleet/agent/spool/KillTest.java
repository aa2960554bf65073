package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.ArchiveName;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillTest {
  private static final int KILLS = Integer.getInteger("pifleet.test.kills", 12);

  // With its full stop: the last line may be torn.
  private static final Pattern DURABLE = Pattern.compile("records ([0-9]+) to ([0-9]+)\\.");

  @TempDir(factory = MemoryDirectory.class)
  Path work;

  @Test
  void losesAndDoublesNothingDurableWhenKilledAtRandomMoments() throws Exception {
    long seed = Long.getLong("pifleet.test.seed", System.nanoTime());
    System.out.println("pifleet.test.seed=" + seed);
    Random random = new Random(seed);
    List<Long> acknowledged = new ArrayList<>(); // pairs: first, last
    long next = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      next = runAndKill(next, random, acknowledged) + 1_000_000;
    }
    Map<Long, Integer> seen = new HashMap<>();
    Map<String, Integer> files = new HashMap<>();
    collect(seen, files, seed);

    for (int i = 0; i < acknowledged.size(); i += 2) {
      for (long n = acknowledged.get(i); n <= acknowledged.get(i + 1); n++) {
        assertTrue(seen.containsKey(n), "record " + n + " was durable and is lost, seed " + seed);
      }
    }
    seen.forEach((n, times) -> assertEquals(1, times, "record " + n + ", seed " + seed));
    files.forEach((name, times) -> assertEquals(1, times, name + ", seed " + seed));
    try (Stream<Path> sources = Files.list(work.resolve("source"))) {
      long wanted = sources.filter(f -> f.getFileName().toString().startsWith("file-")).count();
      assertEquals(wanted, files.size(), "files, seed " + seed);
    }
    assertTrue(acknowledged.size() > KILLS, "the writers did write: " + acknowledged.size());
  }

  /** Runs a writer until something random later; returns the last record that it may have put. */
  private long runAndKill(long next, Random random, List<Long> acknowledged) throws Exception {
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx48m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KilledWriter.class.getName(),
                work.toString(),
                Long.toString(next),
                Long.toString(random.nextLong()))
            .redirectError(work.resolve("stderr").toFile())
            .start();
    long last = next;
    Duration life = Duration.ofMillis(random.nextInt(1200));
    Thread killer =
        new Thread(
            () -> {
              try {
                writer.waitFor(life.toMillis(), TimeUnit.MILLISECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              writer.destroyForcibly();
            },
            "killer");
    try (BufferedReader lines = writer.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals("started")) {
          killer.start();
          continue;
        }
        Matcher durable = DURABLE.matcher(line);
        if (durable.matches()) {
          acknowledged.add(Long.parseLong(durable.group(1)));
          acknowledged.add(Long.parseLong(durable.group(2)));
          last = Long.parseLong(durable.group(2)) + 1000;
        }
      }
    } catch (IOException e) {
      // a pipe that breaks with the process it belonged to
    } finally {
      writer.destroyForcibly();
      writer.waitFor();
      if (killer.isAlive()) {
        killer.join();
      }
    }
    String errors = Files.readString(work.resolve("stderr"));
    assertTrue(!errors.contains("Exception in thread"), errors);
    return last;
  }

  /** Opens the spool once more, takes what is left, and counts what all archives hold. */
  private void collect(Map<Long, Integer> seen, Map<String, Integer> files, long seed)
      throws Exception {
    SpoolSettings settings =
        SpoolSettings.defaults(work.resolve("spool"))
            .withLimits(1L << 40, 0, 0, WhenFull.DROP_OLDEST);
    Spool spool =
        Spool.open(
            settings, new KilledWriter.Clock(), SpoolBench.DEVICE, "test", SpoolListener.NONE);
    try (spool) {
      spool.start();
      KilledWriter.offerAll(spool, work.resolve("source"));
      spool.seal(SpoolBench.PATIENCE);
      for (ArchiveName name : spool.archives().names()) {
        SealedArchive archive = spool.archives().open(name);
        for (int i = 0; i < archive.manifest().segments().count(); i++) {
          assertTrue(archive.isIntact(i), name + " segment " + i + ", seed " + seed);
        }
        Path unpacked = SpoolBench.unpack(archive, work);
        if (Files.exists(unpacked.resolve("metrics"))) {
          for (String line : SpoolBench.lines(unpacked)) {
            long n = Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
            assertEquals("n value=" + n + "i " + n, line);
            seen.merge(n, 1, Integer::sum);
          }
        }
        countFiles(unpacked, files);
      }
    }
  }

  private void countFiles(Path unpacked, Map<String, Integer> files) throws IOException {
    Path below = unpacked.resolve("files/f" + work.resolve("source"));
    if (!Files.exists(below)) {
      return;
    }
    try (Stream<Path> members = Files.list(below)) {
      for (Path member : members.toList()) {
        String name = member.getFileName().toString();
        files.merge(name, 1, Integer::sum);
        assertEquals(-1, Files.mismatch(member, work.resolve("source").resolve(name)), name);
      }
    }
  }
}
