package io.pifleet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** SIGKILL, at moments that somebody chose and at others. */
class KillIT {
  /** Slow enough that a transfer can be met in its middle. */
  private static final String SLOW = "rate-limit = 6 MiB";

  private static final int ROUNDS = Integer.getInteger("pifleet.kill.rounds", 6);
  private static final int LONGEST_ROUND_MS = 2_500;

  @RegisterExtension private final Fleet fleet = new Fleet();

  @Test
  void aTransferGoesOnAfterEitherSideWasKilledInItsMiddle() throws Exception {
    Path drop = fleet.directory("drop");
    Path file = Inputs.random(drop.resolve("film"), 24_000_000, 3);
    Collector collector = fleet.collector().start();
    Agent agent = fleet.agent("pi-1", collector.address(), SLOW, Inputs.drop(drop)).start();
    Await.until("the file is taken", () -> agent.status().object("spool").number("files", 0) == 1);
    String name = agent.seal().get(0);

    Await.until("5 MB have arrived", () -> collector.incomingBytes() > 5_000_000);
    collector.daemon().kill();
    collector.start();
    agent.hurry();
    Await.until("12 MB have arrived", () -> collector.incomingBytes() > 12_000_000);
    agent.daemon().kill();
    agent.start();
    agent.awaitDelivered(Await.LONG);

    String last = lastLine(collector.daemon().logText(), "stored pi-1 " + name);
    long inLast = Long.parseLong(last.replaceAll(".* bytes, (\\d+) of them in this.*", "$1"));
    assertTrue(inLast < 14_000_000, last);
    Unpacked unpacked = Unpacked.of(collector, "pi-1", fleet.directory("unpacked"));
    assertEquals(-1, Files.mismatch(file, unpacked.members("files").get("drop" + file).get(0)));
  }

  private static String lastLine(String log, String with) {
    List<String> lines = log.lines().filter(line -> line.contains(with)).toList();
    assertTrue(!lines.isEmpty(), () -> "not in the log: " + with);
    return lines.get(lines.size() - 1);
  }

  @Test
  void whatWasFlushedIsInSomeArchiveOnceWheneverSomebodyIsKilled() throws Exception {
    long seed = Long.getLong("pifleet.kill.seed", System.nanoTime());
    System.out.println("kills: -Dpifleet.kill.seed=" + seed + " -Dpifleet.kill.rounds=" + ROUNDS);
    Random random = new Random(seed);
    Path drop = fleet.directory("drop");
    List<Path> files = new ArrayList<>();
    Collector collector = fleet.collector().start();
    Agent agent =
        fleet
            .agent(
                "pi-1",
                collector.address(),
                SLOW,
                "period = 5 s",
                Inputs.probe(fleet.directory("probe"), "1 s", 20),
                Inputs.drop(drop))
            .start();
    Set<Long> flushed = new TreeSet<>();
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < 3; i++) {
        int size = random.nextInt(i == 0 ? 6_000_000 : 50_000);
        files.add(Inputs.random(drop.resolve("file-" + round + "-" + i), size, random.nextLong()));
      }
      // The moment of a kill is what is random here; nothing is waited for.
      TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_ROUND_MS));
      if (random.nextInt(3) == 0) {
        collector.daemon().kill();
        collector.start();
      } else {
        agent.daemon().kill();
        flushed.addAll(SpoolOnDisk.numbers(agent.spool()));
        agent.start();
      }
    }
    agent.configure(collector.address(), "period = 1 h", Inputs.drop(drop));
    agent.daemon().kill();
    flushed.addAll(SpoolOnDisk.numbers(agent.spool()));
    agent.start();
    Await.until(
        Duration.ofSeconds(90),
        "all files are stored",
        () -> {
          agent.uploadNow();
          return collector.memberNames("pi-1").containsAll(membersOf(files));
        });

    Unpacked unpacked = Unpacked.of(collector, "pi-1", fleet.directory("unpacked"));
    Map<Long, Integer> numbers = unpacked.numbers();
    TreeSet<Long> lost = new TreeSet<>(flushed);
    lost.removeAll(numbers.keySet());
    assertEquals(Set.of(), lost, "records that were flushed and are nowhere");
    numbers.values().removeIf(count -> count == 1);
    assertEquals(Map.of(), numbers, "records that came more than once");
    assertTrue(!flushed.isEmpty(), "no record was ever flushed");
    Map<String, List<Path>> members = unpacked.members("files");
    for (Path file : files) {
      List<Path> copies = members.remove("drop" + file);
      assertNotNull(copies, () -> file + " is nowhere");
      assertEquals(1, copies.size(), () -> file + ": " + copies);
      assertEquals(-1, Files.mismatch(file, copies.get(0)), file.toString());
    }
    assertEquals(Map.of(), members, "files that nobody wrote");
    Program.Result verify = collector.verb("verify").run();
    assertEquals(0, verify.exit(), verify.out());
  }

  private static List<String> membersOf(List<Path> files) {
    return files.stream().map(file -> "files/drop" + file).toList();
  }
}
