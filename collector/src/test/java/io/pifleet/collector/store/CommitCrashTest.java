package io.pifleet.collector.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.collector.TestArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The world ends before each single step on the file system; the next start must cope. */
final class CommitCrashTest {
  private static final String DEVICE = "pi-kitchen-3fa2b1";

  @TempDir private Path directory;

  /** Nothing more happens on the file system from step {@code last} on. */
  private static final class EndOfTheWorld implements DurableFiles.Observer {
    private final int last;
    private final List<String> steps = new ArrayList<>();

    EndOfTheWorld(int last) {
      this.last = last;
    }

    @Override
    public void before(String step, Path path) throws IOException {
      steps.add(step + " " + path.getFileName());
      if (steps.size() > last) {
        throw new IOException("the world ended before " + step + " " + path);
      }
    }

    boolean hasCome() {
      return steps.size() > last;
    }
  }

  @Test
  void restartAfterACrashAtAnyStepOfReceivingAndCommittingLosesAndDoublesNothing()
      throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    int crashes = 0;
    for (int step = 0; ; step++) {
      StoreFixture fixture = new StoreFixture(directory.resolve("crash-" + step));
      EndOfTheWorld end = new EndOfTheWorld(step);
      fixture.files = new DurableFiles(end);
      try (fixture) {
        fixture.open().receive(archive);
      } catch (IOException e) {
        assertTrue(e.getMessage().startsWith("the world ended"), e.toString());
      }
      if (!end.hasCome()) {
        break;
      }
      crashes++;
      String where = "crash before step " + step + " of " + end.steps;
      fixture.files = DurableFiles.UNOBSERVED;
      try (StoreFixture next = fixture.open()) {
        Optional<byte[]> receipt = next.store.receipt(DEVICE, archive.manifest().digest());
        boolean named = end.steps.stream().anyMatch(s -> s.endsWith("link 2026-W47.receipt.json"));
        assertTrue(receipt.isPresent() || !named, where);
        if (receipt.isEmpty()) {
          next.receive(archive);
        }
        assertWhole(next, archive, where);
      }
    }
    assertTrue(crashes > 20, "crashed " + crashes + " times");
  }

  @Test
  void failureAtAnyStepLeavesARunningStoreThatTakesTheArchiveTheNextTime() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    int failures = 0;
    for (int step = 0; ; step++) {
      StoreFixture fixture = new StoreFixture(directory.resolve("failure-" + step));
      int failing = step;
      int[] steps = {0};
      boolean[] armed = {false};
      fixture.files =
          new DurableFiles(
              (name, path) -> {
                if (armed[0] && steps[0]++ == failing) {
                  throw new IOException("failed once: " + name);
                }
              });
      try (StoreFixture open = fixture.open()) {
        armed[0] = true;
        Optional<byte[]> receipt = Optional.empty();
        try {
          open.receive(archive);
        } catch (IOException e) {
          failures++;
        }
        if (steps[0] <= failing) {
          break;
        }
        receipt = open.store.receipt(DEVICE, archive.manifest().digest());
        if (receipt.isEmpty()) {
          open.receive(archive);
        }
        assertWhole(open, archive, "failure of step " + step);
      }
    }
    assertTrue(failures > 15, "failed " + failures + " times");
  }

  @Test
  void restartAfterACrashAtAnyStepOfDeletingLeavesTheArchiveWholeOrGone() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    StoredName name = StoredName.of(archive.manifest().name());
    int gone = 0;
    for (int step = 0; ; step++) {
      StoreFixture fixture = new StoreFixture(directory.resolve("delete-" + step));
      try (StoreFixture first = fixture.open()) {
        first.receive(archive);
      }
      EndOfTheWorld end = new EndOfTheWorld(step);
      try (fixture) {
        fixture.files = new DurableFiles(end);
        fixture.open().store.delete(DEVICE, name, "a test");
      } catch (IOException e) {
        assertTrue(e.getMessage().startsWith("the world ended"), e.toString());
      }
      if (!end.hasCome()) {
        break;
      }
      fixture.files = DurableFiles.UNOBSERVED;
      try (StoreFixture next = fixture.open()) {
        if (next.fileNames().isEmpty()) {
          gone++;
          assertTrue(next.catalog.names(DEVICE).isEmpty());
        } else {
          assertWhole(next, archive, "crash before step " + step + " of " + end.steps);
        }
      }
    }
    assertTrue(gone > 0);
  }

  private static void assertWhole(StoreFixture fixture, TestArchive archive, String where)
      throws IOException {
    assertEquals(
        List.of(
            DEVICE + "/2026-W47.manifest.json",
            DEVICE + "/2026-W47.receipt.json",
            DEVICE + "/2026-W47.tar.zst"),
        fixture.fileNames().stream().filter(file -> !file.endsWith(".tmp")).toList(),
        where);
    StoredName name = StoredName.of(archive.manifest().name());
    assertArrayEquals(
        archive.bytes(), Files.readAllBytes(fixture.layout.archive(DEVICE, name)), where);
    assertEquals(List.of(name), List.copyOf(fixture.catalog.names(DEVICE)), where);
    assertEquals(
        List.of(), new ArchiveVerifier(fixture.layout).verify(DEVICE, name, read -> {}), where);
  }
}
