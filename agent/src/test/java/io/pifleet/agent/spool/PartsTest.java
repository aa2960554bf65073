package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartsTest {
  @TempDir Path work;

  @Test
  void givesTheSameNameAgainWhenAPartCannotBeMade() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount a tmpfs");
    Path disk = Files.createDirectories(work.resolve("disk"));
    Process mount =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "nr_inodes=16", "none", disk.toString())
            .start();
    assumeTrue(mount.waitFor() == 0, "mount is not allowed here");
    try {
      Instant now = Instant.parse("2026-11-20T07:10:00Z");
      Period week = PeriodRule.isoWeek().at(now);
      Parts parts = new Parts(disk, SpoolBench.DEVICE, PartNames.load(disk.resolve("names")));
      parts.openNext(week, now).close();
      List<Path> hogs = hog(disk);
      assertThrows(IOException.class, () -> parts.openNext(week, now), "no inode for the names");
      Files.delete(hogs.remove(0));
      for (int i = 0; i < 3; i++) {
        assertThrows(IOException.class, () -> parts.openNext(week, now), "none for the journal");
        assertFalse(Files.exists(disk.resolve("2026-W47.2")));
      }
      for (Path hog : hogs) {
        Files.delete(hog);
      }
      try (OpenPart part = parts.openNext(week, now)) {
        assertEquals("2026-W47.2", part.label());
      }
      assertEquals(List.of("2026-W47", "2026-W47.2"), Files.readAllLines(disk.resolve("names")));
    } finally {
      SpoolBench.run("umount", "-l", disk.toString());
    }
  }

  /** Takes all inodes that are left. */
  private static List<Path> hog(Path disk) {
    List<Path> hogs = new ArrayList<>();
    try {
      while (true) {
        hogs.add(Files.createFile(disk.resolve("hog-" + hogs.size())));
      }
    } catch (IOException e) {
      return hogs; // there are none left
    }
  }
}
