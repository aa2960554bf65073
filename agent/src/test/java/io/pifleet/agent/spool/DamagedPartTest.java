package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.archive.ManifestVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamagedPartTest {
  @TempDir Path work;

  @Test
  void tellsOfAPartWithoutAReadableJournalUntilItIsRemoved() throws Exception {
    ManualClock clock = new ManualClock("2026-11-20T07:10:00Z");
    try (SpoolBench bench = new SpoolBench(work, clock).open()) {
      bench.record();
      bench.flush();
      bench.spool.close();
      Files.writeString(bench.directory.resolve("2026-W47/journal"), "nothing of a journal\n");
      Files.write(bench.directory.resolve("2026-W47/some.seg"), new byte[100_000]);
      Path earlier = Files.createDirectory(bench.directory.resolve(".damaged-2026-W47"));
      Files.writeString(earlier.resolve("some.seg"), "set aside before");

      bench.open();
      bench.record();
      bench.flush();
      Path aside = bench.directory.resolve(".damaged-2026-W47-2");
      String problem = bench.spool.status().problem().orElseThrow();
      assertTrue(problem.contains("/.damaged-2026-W47"), problem);
      assertTrue(bench.spool.status().bytes() > 100_000, "it is counted");
      List<String> gaps = new ArrayList<>();
      bench
          .spool
          .archives()
          .open(
              bench.sealOne().name(),
              new ManifestVisitor() {
                @Override
                public void gap(
                    Instant from, Instant to, String who, String why, long lost, String detail) {
                  gaps.add(who + " " + why + " " + detail);
                }
              });
      assertTrue(
          gaps.contains(
              "agent rot a part without a readable journal was set aside as "
                  + aside.getFileName()),
          gaps.toString());

      SpoolFiles.deleteDirectory(earlier);
      SpoolFiles.deleteDirectory(aside);
      bench.flush();
      assertTrue(bench.spool.status().bytes() < 100_000);
      assertEquals(Optional.empty(), bench.spool.status().problem());
    }
  }
}
