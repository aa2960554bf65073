package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.MemberName;
import io.pifleet.protocol.archive.ManifestVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LongNameTest {
  @TempDir Path work;

  @Test
  void leavesOutASecondChangeWhoseNameHasNoRoomForANumber() throws Exception {
    int room = MemberName.MAX_BYTES - "files/test".length();
    Path directory = work;
    while (room - directory.toString().length() > 200) {
      directory = directory.resolve("d".repeat(100));
    }
    Files.createDirectories(directory);
    Path file = directory.resolve("f".repeat(room - directory.toString().length() - 1));
    try (SpoolBench bench = new SpoolBench(work, new ManualClock("2026-11-20T07:10:00Z")).open()) {
      for (String content : List.of("first", "and second")) {
        Files.writeString(file, content);
        assertTrue(bench.spool.offer(SpoolBench.change("test", file)));
        bench.flush();
      }
      List<String> found = new ArrayList<>();
      bench
          .spool
          .archives()
          .open(
              bench.seal().get(0),
              new ManifestVisitor() {
                @Override
                public void member(String name, long sizeBytes, int first, int segments) {
                  found.add(name.substring(0, 10) + " " + name.length() + " " + sizeBytes);
                }

                @Override
                public void gap(
                    Instant from,
                    Instant to,
                    String source,
                    String reason,
                    long records,
                    String detail) {
                  found.add(source + " " + reason);
                }
              });
      assertEquals(List.of("test read-error", "files/test 1024 5"), found);
    }
  }
}
