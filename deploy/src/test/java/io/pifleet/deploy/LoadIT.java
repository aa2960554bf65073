package io.pifleet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pifleet.daemon.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Much of it: large files, many files; and an agent that stays small. */
class LoadIT {
  private static final int MANY = 10_000;
  private static final int FOLDERS = 20;

  /** Longer than the interval of a flush takes to read, on any machine. */
  private static final long LARGE_BYTES = 300L << 20;

  private static final long HUGE_BYTES = 3L << 30;

  /** What ten thousand names and a heap that fills up to its limit may add. */
  private static final long MOST_GROWTH_BYTES = 16L << 20;

  @RegisterExtension private final Fleet fleet = new Fleet();

  @Test
  void aLargeFileDoesNotHoldTheRecordsUp() throws Exception {
    Path drop = fleet.directory("drop");
    Collector collector = fleet.collector().start();
    Agent agent =
        fleet
            .agent(
                "pi-1",
                collector.address(),
                Inputs.drop(drop),
                Inputs.probe(fleet.directory("probe"), "1 s", 10))
            .start();
    Path film = repeating(drop.resolve("film"), LARGE_BYTES);
    Set<String> flushes = new HashSet<>();
    Await.until(
        "the film is in the spool",
        () -> {
          JsonObject spool = agent.status().object("spool");
          if (spool.text("file-in-hand", "").contains("film")) {
            flushes.add(spool.text("last-flush", ""));
          }
          return spool.number("files", 0) == 1;
        });
    assertTrue(flushes.size() > 1, "records were flushed while it was taken: " + flushes);

    agent.uploadNow();

    assertSameInArchive(collector, film);
    String name = collector.archives("pi-1").get(0);
    Map<Long, Integer> numbers =
        Unpacked.numbers(collector.verb("records", "pi-1", name).run().lines());
    assertEquals(Set.of(1), new HashSet<>(numbers.values()));
    assertEquals(numbers.size(), numbers.keySet().stream().mapToLong(n -> n).max().orElse(0));
    assertEquals(0, agent.status().object("spool").number("records-lost", -1));
  }

  @Test
  void tenThousandFilesArriveEachOnceAndTheAgentStaysSmall() throws Exception {
    Path drop = fleet.directory("drop");
    Collector collector = fleet.collector().start();
    Agent agent = fleet.agent("pi-1", collector.address(), Inputs.drop(drop)).start();
    long idle = agent.daemon().residentBytes();
    Random random = new Random(4);
    for (int i = 0; i < MANY; i++) {
      Path folder = Files.createDirectories(drop.resolve("folder-" + i % FOLDERS));
      byte[] content = new byte[random.nextInt(400)];
      random.nextBytes(content);
      Path hidden = Files.write(folder.resolve(".file-" + i), content);
      Files.move(hidden, folder.resolve("file-" + i));
    }
    long[] most = {0};
    Await.until(
        Duration.ofMinutes(2),
        "all files are taken",
        () -> {
          most[0] = Math.max(most[0], agent.daemon().residentBytes());
          long open = agent.status().object("spool").number("files", 0);
          return open + collector.memberNames("pi-1").size() == MANY;
        });
    agent.uploadNow();
    most[0] = Math.max(most[0], agent.daemon().residentBytes());
    int archives = collector.archives("pi-1").size();
    assertTrue(archives <= 2, () -> archives + " archives");

    Unpacked unpacked = Unpacked.of(collector, "pi-1", fleet.directory("unpacked"));
    Map<String, List<Path>> members = unpacked.members("files");
    assertEquals(MANY, members.size());
    for (Map.Entry<String, List<Path>> member : members.entrySet()) {
      assertEquals(1, member.getValue().size(), member::getKey);
      Path original = Path.of(member.getKey().substring("drop".length()));
      assertEquals(-1, Files.mismatch(original, member.getValue().get(0)), member::getKey);
    }
    System.out.printf(
        "agent: %d KiB resident when idle, at most %d with %d files in %d archives%n",
        idle >> 10, most[0] >> 10, MANY, archives);
    assertTrue(
        most[0] - idle < MOST_GROWTH_BYTES, () -> idle + " bytes resident became " + most[0]);
  }

  @Test
  @Tag("large")
  void aFileOfThreeGibibytesArrivesInFlatMemory() throws Exception {
    assumeTrue(Boolean.getBoolean("pifleet.large"), "runs with -Dpifleet.large=true");
    Path drop = fleet.directory("drop");
    Collector collector = fleet.collector().start();
    Agent agent =
        fleet.agent("pi-1", collector.address(), "spool.max-bytes = 8 GiB", Inputs.drop(drop));
    agent.start();
    long idle = agent.daemon().residentBytes();
    Path film = repeating(drop.resolve("film"), HUGE_BYTES);
    long[] most = {0, 0};
    long start = System.nanoTime();
    Await.until(
        Duration.ofMinutes(10),
        "the film is in the spool",
        () -> {
          most[0] = Math.max(most[0], agent.daemon().residentBytes());
          return agent.status().object("spool").number("files", 0) == 1;
        });
    long taken = System.nanoTime();
    agent.seal();
    Await.until(
        Duration.ofMinutes(10),
        "the film is delivered",
        () -> {
          most[0] = Math.max(most[0], agent.daemon().residentBytes());
          most[1] = Math.max(most[1], collector.daemon().residentBytes());
          return agent.archives().isEmpty();
        });
    System.out.printf(
        "3 GiB: taken in %d s, delivered in %d s; agent %d KiB idle, at most %d; collector %d KiB%n",
        Duration.ofNanos(taken - start).toSeconds(),
        Duration.ofNanos(System.nanoTime() - taken).toSeconds(),
        idle >> 10,
        most[0] >> 10,
        most[1] >> 10);
    assertSameInArchive(collector, film);
    assertTrue(
        most[0] - idle < MOST_GROWTH_BYTES, () -> idle + " bytes resident became " + most[0]);
  }

  /** Compares without unpacking to disk. */
  private static void assertSameInArchive(Collector collector, Path file) throws Exception {
    String name = collector.archives("pi-1").get(0);
    String member = "pi-1/" + name + "/files/drop" + file;
    String command = "tar --zstd -xOf \"$1\" \"$2\" | cmp - \"$3\"";
    Program.of(
            "bash",
            "-o",
            "pipefail",
            "-c",
            command,
            "compare",
            collector.archive("pi-1", name).toString(),
            member,
            file.toString())
        .run()
        .fine();
  }

  /** Bytes that repeat too far apart to be compressed; fast to make. */
  private static Path repeating(Path file, long size) throws IOException {
    byte[] chunk = new byte[17 << 20];
    new Random(size).nextBytes(chunk);
    Path hidden = file.resolveSibling("." + file.getFileName());
    try (OutputStream out = Files.newOutputStream(hidden)) {
      for (long left = size; left > 0; left -= chunk.length) {
        out.write(chunk, 0, (int) Math.min(left, chunk.length));
      }
    }
    return Files.move(hidden, file);
  }
}
