package io.pifleet.agent.plugin.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileWalkTest {
  @TempDir private Path root;

  private final List<String> problems = new ArrayList<>();

  private void touch(String... names) throws IOException {
    for (String name : names) {
      Path file = root.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, name);
    }
  }

  /** What is found below the root, in order of name. */
  private List<String> walk(String pattern) throws InterruptedException {
    List<String> found = new ArrayList<>();
    FileWalk.Visitor visitor =
        new FileWalk.Visitor() {
          @Override
          public void file(Path path, long inode, long sizeBytes, long mtimeNanos) {
            found.add(root.relativize(path).toString());
          }

          @Override
          public void unreadable(Path directory, String why) {
            problems.add(directory + " " + why);
          }
        };
    for (PathPattern parsed : PathPattern.parse(root + "/" + pattern)) {
      new FileWalk(parsed, visitor).walk();
    }
    Collections.sort(found);
    return found;
  }

  @Test
  void matchesNamesInOneDirectory() throws Exception {
    touch("a.csv", "b.csv", "c.log", ".hidden.csv", "sub/d.csv", "e.csv/x");
    assertEquals(List.of("a.csv", "b.csv"), walk("*.csv"));
    assertEquals(List.of("a.csv", "b.csv", "c.log"), walk("*.{csv,log}"));
    assertEquals(List.of("a.csv"), walk("a.csv"));
    assertEquals(List.of("sub/d.csv"), walk("s*/*.csv"));
    assertTrue(problems.isEmpty(), problems.toString());
  }

  @Test
  void twoStarsAreAnyNumberOfDirectories() throws Exception {
    touch("x.csv", "a/x.csv", "a/b/x.csv", "a/b/c/x.csv", "a/b/x.log", "a/.git/x.csv");
    assertEquals(List.of("a/b/c/x.csv", "a/b/x.csv", "a/x.csv", "x.csv"), walk("**/x.csv"));
    assertEquals(List.of("a/b/c/x.csv", "a/b/x.csv"), walk("**/b/**/*.csv"));
    assertEquals(List.of("a/b/c/x.csv", "a/b/x.csv", "a/b/x.log", "a/x.csv"), walk("a/**"));
  }

  @Test
  void findsAFileOnceAlthoughThePatternFitsInSeveralWays() throws Exception {
    touch("a/a/a/a/x");
    assertEquals(List.of("a/a/a/a/x"), walk("**/a/**/a/**/x"));
  }

  @Test
  void followsNoLinkBelowTheBase() throws Exception {
    touch("real/x.csv", "elsewhere/secret.csv");
    Files.createSymbolicLink(root.resolve("real/loop"), root.resolve("real"));
    Files.createSymbolicLink(root.resolve("real/out"), root.resolve("elsewhere"));
    Files.createSymbolicLink(root.resolve("real/link.csv"), root.resolve("elsewhere/secret.csv"));
    assertEquals(List.of("real/x.csv"), walk("real/**/*.csv"));
  }

  @Test
  void followsALinkThatIsNamedInFull() throws Exception {
    touch("disk/data/x.csv");
    Files.createSymbolicLink(root.resolve("data"), root.resolve("disk/data"));
    assertEquals(List.of("data/x.csv"), walk("data/*.csv"));
  }

  @Test
  void saysSoWhenTheBaseIsNotThere() throws Exception {
    touch("file");
    assertEquals(List.of(), walk("none/*.csv"));
    assertEquals(List.of(), walk("file/*.csv"));
    assertEquals(List.of(root + "/none is no directory", root + "/file is no directory"), problems);
  }

  @Test
  void givesWhatTheKernelSaysOfAFile() throws Exception {
    touch("x");
    Files.setLastModifiedTime(
        root.resolve("x"), FileTime.from(1_234_567_890_123_456_789L, TimeUnit.NANOSECONDS));
    long[] seen = new long[3];
    FileWalk.Visitor visitor =
        new FileWalk.Visitor() {
          @Override
          public void file(Path path, long inode, long sizeBytes, long mtimeNanos) {
            seen[0] = inode;
            seen[1] = sizeBytes;
            seen[2] = mtimeNanos;
          }

          @Override
          public void unreadable(Path directory, String why) {
            throw new AssertionError(directory + why);
          }
        };
    new FileWalk(PathPattern.parse(root + "/x").get(0), visitor).walk();
    assertEquals(Files.getAttribute(root.resolve("x"), "unix:ino"), seen[0]);
    assertEquals(1, seen[1]);
    // Some file systems round the time to their own unit.
    assertEquals(Files.getLastModifiedTime(root.resolve("x")).to(TimeUnit.NANOSECONDS), seen[2]);
  }

  @Test
  void goesNoDeeperThanItsLimit() throws Exception {
    Path deep = root;
    for (int i = 0; i < FileWalk.MAX_DEPTH + 5; i++) {
      deep = deep.resolve("d");
    }
    Files.createDirectories(deep);
    Files.writeString(deep.resolve("x"), "");
    assertEquals(List.of(), walk("**/x"));
    assertEquals(1, problems.size());
    assertTrue(problems.get(0).endsWith("is more than 64 directories deep"), problems.get(0));
  }

  @Test
  void stopsWhenInterrupted() throws Exception {
    touch("x");
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> walk("*"));
  }
}
