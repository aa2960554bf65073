package io.pifleet.agent.plugin.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.agent.plugin.FileSink;
import io.pifleet.agent.plugin.Plugin;
import io.pifleet.agent.plugin.RecordedRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FilesPluginTest {
  private static final Duration NO_SETTLE = Duration.ZERO;

  @TempDir private Path root;

  private final Sink sink = new Sink();
  private String problem = "";

  /** Takes at once what it is offered, as long as there is room. */
  private static final class Sink implements FileSink {
    private final Set<String> taken = new HashSet<>();
    private final List<String> offered = new ArrayList<>();
    private int asked;
    private int scans;
    private int room = Integer.MAX_VALUE;

    private static String key(FileChange change) {
      return change.plugin()
          + change.inode()
          + "/"
          + change.sizeBytes()
          + "/"
          + change.mtimeNanos();
    }

    @Override
    public Answer ask(FileChange change) {
      asked++;
      return taken.contains(key(change)) ? Answer.TAKEN : Answer.NEW;
    }

    @Override
    public boolean offer(FileChange change) {
      if (room-- <= 0) {
        return false;
      }
      offered.add(change.path().getFileName() + " " + change.sizeBytes());
      return taken.add(key(change));
    }

    @Override
    public void scanned(String plugin) {
      scans++;
    }
  }

  private Plugin plugin(Duration settle) {
    return new FilesPlugin(PathPattern.parse(root + "/**/*.csv"), settle);
  }

  private List<String> scan(Plugin plugin) throws Exception {
    sink.offered.clear();
    long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    problem = new RecordedRun(now, sink).gather(plugin).problem();
    return List.copyOf(sink.offered);
  }

  private Path write(String name, String text, long age) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setLastModifiedTime(
        file, FileTime.fromMillis(System.currentTimeMillis() - TimeUnit.SECONDS.toMillis(age)));
    return file;
  }

  @Test
  void offersEachChangeOnce() throws Exception {
    Plugin plugin = plugin(NO_SETTLE);
    Path file = write("a/x.csv", "one", 100);
    assertEquals(List.of("x.csv 3"), scan(plugin));
    assertEquals(List.of(), scan(plugin));
    write("a/x.csv", "one, two", 50);
    assertEquals(List.of("x.csv 8"), scan(plugin));
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    assertEquals(List.of("x.csv 8"), scan(plugin), "same size, other time");
    assertEquals(List.of(), scan(plugin));
    assertEquals(5, sink.scans);
  }

  @Test
  void doesNotOfferARenamedFileAgain() throws Exception {
    Plugin plugin = plugin(NO_SETTLE);
    Path file = write("x.csv", "one", 100);
    assertEquals(1, scan(plugin).size());
    Files.move(file, root.resolve("x.old.csv"));
    assertEquals(List.of(), scan(plugin));
  }

  @Test
  void leavesAFileThatIsBeingWritten() throws Exception {
    Plugin plugin = plugin(Duration.ofSeconds(20));
    write("old.csv", "done", 1000);
    write("new.csv", "half", 0);
    assertEquals(List.of(), scan(plugin), "the clock may have been wrong when they were written");
    assertEquals(2, sink.asked, "what is not offered is asked about all the same");
    assertEquals(1, sink.scans);
  }

  @Test
  void offersAgainWhatTheSinkHadNoRoomFor() throws Exception {
    Plugin plugin = plugin(NO_SETTLE);
    for (int i = 0; i < 10; i++) {
      write(i + ".csv", "x", 100);
    }
    sink.room = 4;
    assertEquals(4, scan(plugin).size());
    assertEquals(10, sink.asked);
    sink.room = 100;
    assertEquals(6, scan(plugin).size());
    assertEquals(List.of(), scan(plugin));
  }

  @Test
  void reportsWhatMayNotBeReadOnceAndGoesOn() throws Exception {
    Plugin plugin = plugin(NO_SETTLE);
    write("a.csv", "x", 100);
    Path secret = write("b.csv", "x", 100);
    Path other = write("c.csv", "x", 100);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("---------"));
    assumeFalse(Files.isReadable(secret), "root may read everything: nothing to see here");
    assertEquals(List.of("a.csv 1"), scan(plugin));
    assertTrue(problem.contains("may not be read, and 1 more"), problem);
    assertEquals(1, sink.scans, "the names were all seen");
  }

  @Test
  void keepsTheKnowledgeOfADirectoryThatIsAway() throws Exception {
    Plugin plugin = new FilesPlugin(PathPattern.parse(root + "/disk/*.csv"), NO_SETTLE);
    assertEquals(List.of(), scan(plugin));
    assertEquals(root + "/disk is no directory", problem);
    assertEquals(0, sink.scans);
  }

  @Test
  void asksAboutEachOfManyFiles() throws Exception {
    Plugin plugin = plugin(NO_SETTLE);
    for (int i = 0; i < 3000; i++) {
      Files.createFile(root.resolve(i + ".csv"));
    }
    assertEquals(3000, scan(plugin).size());
    assertEquals(List.of(), scan(plugin));
    assertEquals(6000, sink.asked);
  }
}
