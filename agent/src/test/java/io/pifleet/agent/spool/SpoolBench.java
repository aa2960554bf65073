package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.protocol.ArchiveName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A spool in a temporary directory, and what tests do with it. */
final class SpoolBench implements AutoCloseable {
  static final String DEVICE = "pi-test-000001";
  static final Duration PATIENCE = Duration.ofSeconds(30);

  final Path directory;
  final ManualClock clock;
  SpoolSettings settings;
  SpaceProbe probe;
  Spool spool;
  long count;

  SpoolBench(Path root, ManualClock clock) {
    this.directory = root.resolve("spool");
    this.clock = clock;
    this.settings = SpoolSettings.defaults(directory).withFlushInterval(Duration.ofSeconds(1));
    this.probe = SpaceProbe.of(root);
    settings = settings.withLimits(1L << 40, 0, 0, WhenFull.DROP_OLDEST);
  }

  SpoolBench smallSegments() {
    settings =
        new SpoolSettings(
            directory,
            settings.period(),
            settings.flushInterval(),
            SpoolSettings.MIN_SEGMENT_BYTES,
            settings.maxBytes(),
            0,
            0,
            settings.whenFull(),
            1);
    return this;
  }

  SpoolBench open() throws IOException {
    spool = Spool.open(settings, clock, DEVICE, "0.0.0-test", SpoolListener.NONE, probe);
    spool.start();
    return this;
  }

  SpoolBench reopen() throws IOException {
    spool.close();
    return open();
  }

  /** Puts one record with a running number; true when it was accepted. */
  boolean record() {
    return record("n value=" + count++ + "i " + clock.now().getEpochSecond() + "000000000");
  }

  boolean record(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    return spool.accept("test", bytes, 0, bytes.length, 1);
  }

  /** Time passes for a flush interval, and everything that was accepted becomes durable. */
  void flush() {
    clock.advance(settings.flushInterval());
    spool.wake();
    until(spool::isSettled, "a flush");
  }

  List<ArchiveName> seal() throws Exception {
    return spool.seal(PATIENCE);
  }

  /** The one archive that sealing makes. */
  SealedArchive sealOne() throws Exception {
    List<ArchiveName> names = seal();
    assertEquals(1, names.size(), "archives: " + names);
    return spool.archives().open(names.get(0));
  }

  static FileChange change(String plugin, Path file) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    long inode = ((Number) Files.getAttribute(file, "unix:ino")).longValue();
    return new FileChange(
        plugin,
        file,
        inode,
        attributes.size(),
        attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS));
  }

  static void until(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "waited in vain for " + what);
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Writes the archive to {@code target} and returns it. */
  static Path export(SealedArchive archive, Path target) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      assertEquals(archive.manifest().archiveBytes(), archive.export(channel));
    }
    return target;
  }

  /** Unpacks with the system's tar, and returns the directory DEVICE/ARCHIVE. */
  static Path unpack(SealedArchive archive, Path work) throws Exception {
    Path file = export(archive, work.resolve(archive.name() + ".tar.zst"));
    Path target = Files.createDirectories(work.resolve("unpacked-" + archive.name()));
    run("zstd", "-qt", file.toString());
    run("tar", "--zstd", "-xf", file.toString(), "-C", target.toString());
    return target.resolve(DEVICE).resolve(archive.name().toString());
  }

  /** Runs a program that has to succeed without a word on stderr. */
  static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (InputStream stream = process.getInputStream()) {
      stream.transferTo(output);
    }
    String text = output.toString(StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), String.join(" ", command) + ": " + text);
    return text;
  }

  /** All lines of all members below {@code metrics}, in the order of their names. */
  static List<String> lines(Path unpacked) throws IOException {
    try (Stream<Path> files = Files.list(unpacked.resolve("metrics"))) {
      return files
          .sorted()
          .flatMap(
              file -> {
                try {
                  return Files.readAllLines(file).stream();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              })
          .toList();
    }
  }

  @Override
  public void close() throws IOException {
    if (spool != null) {
      spool.close();
    }
  }
}
