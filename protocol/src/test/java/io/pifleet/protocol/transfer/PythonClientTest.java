package io.pifleet.protocol.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.ArchiveEnd;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.wire.Receipt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A device that somebody wrote from the specification. */
@Timeout(120)
final class PythonClientTest {
  @TempDir Path directory;
  private SampleStore store;
  private SampleCollector collector;
  private Path small;
  private Path large;

  private record Said(int status, String out, String err) {}

  @BeforeEach
  void start() throws IOException {
    store = new SampleStore(directory.resolve("store"));
    collector = new SampleCollector(store, SampleCollector.LIMITS);
    small = Files.writeString(directory.resolve("small.txt"), "Guten Tag.\n");
    byte[] random = new byte[700_000];
    new Random(3).nextBytes(random);
    large = Files.write(directory.resolve("large.bin"), random);
  }

  @AfterEach
  void stop() throws IOException {
    collector.close();
    assertTrue(store.violations.isEmpty(), store.violations::toString);
  }

  private Said run(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("python3", "src/test/python/pifleet_client.py"));
    command.addAll(List.of("--connect", "127.0.0.1:" + collector.address().getPort()));
    command.addAll(List.of("--device", "pi-python", "--period", "2026-W47", "--part", "3"));
    command.addAll(List.of("--segment-max", "300000"));
    command.addAll(List.of(options));
    command.addAll(List.of(small.toString(), large.toString()));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder client = new ProcessBuilder(command);
    client.environment().put("PYTHONDONTWRITEBYTECODE", "1"); // nothing appears among the sources
    Process process = client.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the client hangs");
    return new Said(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Test
  void deliversAnArchiveThatTarOpens() throws Exception {
    Said said = run();
    assertEquals(0, said.status(), said.err());
    Receipt receipt = Receipt.parse(said.out().getBytes(StandardCharsets.UTF_8));
    assertEquals("pi-python", receipt.device());
    Path archive = archive(receipt.digest());
    assertEquals(receipt.archiveBytes(), Files.size(archive));
    Path unpacked = Files.createDirectory(directory.resolve("unpacked"));
    Process tar =
        new ProcessBuilder("tar", "--zstd", "-xf", archive.toString(), "-C", unpacked.toString())
            .inheritIO()
            .start();
    assertTrue(tar.waitFor(60, TimeUnit.SECONDS), "tar hangs");
    assertEquals(0, tar.exitValue());
    Path members = unpacked.resolve("pi-python/2026-W47.3/files/python");
    assertArrayEquals(Files.readAllBytes(large), Files.readAllBytes(members.resolve("large.bin")));
    assertEquals("Guten Tag.\n", Files.readString(members.resolve("small.txt")));
  }

  /** What a real store keeps: the segments that arrived, and the end. */
  private Path archive(Sha256 digest) throws IOException {
    Manifest manifest = collector.live.manifest();
    assertEquals(digest, manifest.digest());
    assertEquals(new ArchiveName("2026-W47", 3), manifest.name());
    Path archive = directory.resolve("archive.tar.zst");
    Files.copy(store.file(digest), archive);
    byte[] end = ArchiveEnd.of(manifest, store.manifest(digest)).array();
    Files.write(archive, end, StandardOpenOption.APPEND);
    return archive;
  }

  @Test
  void goesOnWhereItHungUp() throws Exception {
    Said said = run("--hang-up-after", "400000");
    assertEquals(1, said.status());
    assertEquals("hung up as told\n", said.err());
    assertTrue(collector.awaitIdle(Duration.ofSeconds(20)));
    assertEquals(0, run().status());
    Manifest manifest = collector.live.manifest();
    assertEquals(manifest.segments().totalBytes(), store.writtenBytes(manifest.digest()));
    String first = run().out();
    assertEquals(first, run().out(), "HAVE carries the same receipt");
  }

  @Test
  void hearsThatTheCollectorIsBusy() throws Exception {
    collector.slots.drainPermits();
    Said said = run();
    assertEquals(1, said.status());
    assertEquals("busy, come back in 7 s\n", said.err());
  }
}
