package io.pifleet.collector.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pifleet.collector.TestArchive;
import io.pifleet.protocol.transfer.PartialArchive;
import io.pifleet.protocol.transfer.RefusedException;
import io.pifleet.protocol.wire.ProtocolError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskFullTest {
  private static final String DEVICE = "pi-kitchen-3fa2b1";

  @TempDir private Path directory;

  @Test
  void refusesAnArchiveThatWouldTouchTheReserve() throws IOException {
    TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
    StoreFixture fixture = new StoreFixture(directory);
    fixture.minFreeBytes = 1000;
    fixture.usableBytes = () -> archive.bytes().length + 999;
    try (StoreFixture open = fixture.open()) {
      RefusedException refusal = assertThrows(RefusedException.class, () -> open.receive(archive));
      assertEquals(ProtocolError.DISK_FULL, refusal.error());
    }
    fixture.usableBytes = () -> archive.bytes().length + 1000;
    try (StoreFixture open = fixture.open()) {
      open.receive(archive);
    }
  }

  @Test
  void promisesTheSameRoomToOneArchiveOnly() throws IOException {
    TestArchive first = TestArchive.small(DEVICE, "2026-W47", 1);
    TestArchive second = TestArchive.small("other", "2026-W47", 2);
    StoreFixture fixture = new StoreFixture(directory);
    fixture.usableBytes = () -> first.bytes().length * 3L / 2;
    try (StoreFixture open = fixture.open()) {
      try (PartialArchive partial = open.store.open(first.manifest(), first.manifestBytes())) {
        assertThrows(RefusedException.class, () -> open.receive(second));
        StoreFixture.receive(partial, first, 0);
      }
      open.receive(second);
    }
  }

  @Test
  void keepsWhatHasArrivedWhenAFileSystemRunsFull() throws Exception {
    Path mount = Files.createDirectory(directory.resolve("tmpfs"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount.toString()) == 0,
        "needs the right to mount a tmpfs");
    try {
      TestArchive archive = TestArchive.small(DEVICE, "2026-W47", 1);
      StoreFixture fixture = new StoreFixture(mount);
      try (StoreFixture open = fixture.open()) {
        Path ballast = mount.resolve("ballast");
        try (PartialArchive partial =
            open.store.open(archive.manifest(), archive.manifestBytes())) {
          StoreFixture.receive(partial, archive, 0);
          StoreFixture.receive(partial, archive, 1);
          fill(ballast);
          RefusedException refusal =
              assertThrows(RefusedException.class, () -> StoreFixture.receive(partial, archive, 2));
          assertEquals(ProtocolError.DISK_FULL, refusal.error());
          Files.delete(ballast);
        }
        open.receive(archive);
        assertArrayEquals(
            archive.bytes(),
            Files.readAllBytes(
                open.layout.archive(DEVICE, StoredName.of(archive.manifest().name()))));
      }
    } finally {
      assertEquals(0, run("umount", mount.toString()));
    }
  }

  private static void fill(Path file) throws IOException {
    try (var out = Files.newOutputStream(file)) {
      byte[] page = new byte[4096];
      while (true) {
        out.write(page);
      }
    } catch (IOException e) {
      assertEquals("No space left on device", e.getMessage());
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
