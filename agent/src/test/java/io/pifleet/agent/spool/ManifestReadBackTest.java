package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestReadBackTest {
  @TempDir Path work;

  @Test
  void keepsAPartOpenWhoseManifestWouldBeRefused() throws Exception {
    ManualClock clock = new ManualClock("2026-11-20T07:10:00Z");
    try (SpoolBench bench = new SpoolBench(work, clock)) {
      bench.spool =
          Spool.open(
              bench.settings,
              clock,
              SpoolBench.DEVICE,
              "v".repeat(65), // a manifest has room for 64
              SpoolListener.NONE,
              bench.probe);
      bench.spool.start();
      bench.record();
      bench.flush();
      clock.advance(Duration.ofDays(7));
      bench.spool.wake();
      SpoolBench.until(() -> bench.spool.problem().isPresent(), "the refusal");
      String problem = bench.spool.problem().orElseThrow();
      assertTrue(problem.contains("2026-W47 stays open"), problem);
      assertTrue(problem.contains("agent has 65 bytes"), problem);
      Path part = bench.directory.resolve("2026-W47");
      assertFalse(Files.exists(part.resolve(SpoolFiles.MANIFEST)));
      assertTrue(Files.exists(part.resolve(SpoolFiles.JOURNAL)));

      bench.reopen(); // as another version
      SpoolBench.until(() -> Files.exists(part.resolve(SpoolFiles.MANIFEST)), "the archive");
      var name = bench.spool.archives().names().get(0);
      assertEquals("2026-W47", name.toString());
      assertEquals(1, bench.spool.archives().open(name).manifest().members());
    }
  }
}
