package io.pifleet.collector.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pifleet.collector.TestArchive;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArchiveRecordsTest {
  private static final String DEVICE = "pi-kitchen-3fa2b1";
  private static final String BOOT = "4f1c09ab-7d11-4a3e-9d0e-0123456789ab";

  @TempDir private Path directory;
  private StoreFixture fixture;

  @BeforeEach
  void open() throws IOException {
    fixture = new StoreFixture(directory).open();
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  @Test
  void givesBackTheRecordsOfAllMembersInTheirOrder() throws IOException {
    byte[] file = new byte[500_000];
    new Random(1).nextBytes(file);
    String first = TestArchive.lines(30_000, 1);
    String second = TestArchive.lines(5, 2);
    assertEquals(
        first + second,
        recordsOf(
            new TestArchive.Builder(DEVICE, "2026-W47")
                .records("metrics/2026-11-20T07.lp", first)
                .file("files/camera/film.mp4", file, 100_000)
                .records("metrics/2026-11-20T08.lp", second)));
  }

  @Test
  void givesNothingForAnArchiveWithoutRecords() throws IOException {
    assertEquals(
        "",
        recordsOf(
            new TestArchive.Builder(DEVICE, "2026-W47")
                .file("files/empty", new byte[0], 100)
                .records("metrics/2026-11-20T07.lp", "")));
  }

  @Test
  void correctsRawStampsOnceTheClockWasKnown() throws IOException {
    assertEquals(
        """
        cpu,host=a b c=1 1000000000007
        cpu load=2 1000000000008
        no stamp here
        cpu load=3 5
        cpu load=4 6
        cpu load=5 7
        """,
        recordsOf(
            new TestArchive.Builder(DEVICE, "2026-W47")
                .clock(BOOT, true, 1_000_000_000_000L)
                .clock("other", false, 99)
                .records(
                    "metrics/boot-" + BOOT + "-0.lp",
                    "cpu,host=a b c=1 7\ncpu load=2 8\nno stamp here\n")
                .records("metrics/boot-other-3.lp", "cpu load=3 5\n")
                .records("metrics/boot-unheard-0.lp", "cpu load=4 6\n")
                .records("metrics/2026-11-20T07.lp", "cpu load=5 7\n")));
  }

  @Test
  void findsRecordsThatShareTheirSegmentWithOtherMembers() throws IOException {
    assertEquals(
        "cpu load=1 1\ncpu load=2 2\n",
        recordsOf(
            new TestArchive.Builder(DEVICE, "2026-W47")
                .file("files/a", new byte[700], 1000)
                .sharing("metrics/a.lp", "cpu load=1 1\n")
                .sharing("files/b", "b".repeat(600))
                .sharing("metrics/b.lp", "cpu load=2 2\n")));
  }

  @Test
  void namesAMemberThatEndsTooEarly() throws IOException {
    TestArchive archive =
        new TestArchive.Builder(DEVICE, "2026-W47")
            .claiming("metrics/2026-11-20T07.lp", "cpu load=1 1\n", 100_000)
            .build();
    fixture.receive(archive);
    IOException failure =
        assertThrows(
            IOException.class,
            () ->
                new ArchiveRecords(fixture.layout)
                    .write(
                        DEVICE,
                        StoredName.of(archive.manifest().name()),
                        new ByteArrayOutputStream()));
    assertEquals("segment 0 ends 99488 bytes too early", failure.getMessage());
  }

  private String recordsOf(TestArchive.Builder builder) throws IOException {
    TestArchive archive = builder.build();
    fixture.receive(archive);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ArchiveRecords(fixture.layout).write(DEVICE, StoredName.of(archive.manifest().name()), out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
