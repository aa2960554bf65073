package io.pifleet.collector.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.pifleet.collector.TestArchive;
import io.pifleet.collector.catalog.ArchiveRow;
import io.pifleet.collector.catalog.Catalog;
import io.pifleet.collector.catalog.CatalogFile;
import io.pifleet.protocol.transfer.PartialArchive;
import io.pifleet.protocol.wire.Receipt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** A store with a catalog in a directory, which a test can close, damage and open again. */
final class StoreFixture implements AutoCloseable {
  static final Instant NOW = Instant.parse("2026-11-23T03:12:45Z");

  final StoreLayout layout;
  final List<StoreEvent> events = new ArrayList<>();
  private final Path catalogFile;
  Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
  DurableFiles files = DurableFiles.UNOBSERVED;
  LongSupplier usableBytes = () -> 1L << 40;
  long minFreeBytes;
  Duration incomingMaxAge = Duration.ofDays(14);
  Catalog catalog;
  ArchiveStore store;

  StoreFixture(Path directory) {
    layout = new StoreLayout(directory.resolve("store"));
    catalogFile = directory.resolve("state/catalog.db");
  }

  StoreFixture open() throws IOException {
    catalog = CatalogFile.open(catalogFile, clock);
    boolean opened = false;
    try {
      store =
          ArchiveStore.open(
              layout,
              new StoreSettings("attic-09ab34", minFreeBytes, incomingMaxAge),
              catalog,
              events::add,
              files,
              new FreeSpace(usableBytes, minFreeBytes),
              clock);
      opened = true;
      return this;
    } finally {
      if (!opened) {
        catalog.close();
      }
    }
  }

  /** What a receiver does: asks for all that is missing. */
  Receipt receive(TestArchive archive) throws IOException {
    try (PartialArchive partial = store.open(archive.manifest(), archive.manifestBytes())) {
      for (int i = 0; i < archive.manifest().segments().count(); i++) {
        receive(partial, archive, i);
      }
      return Receipt.parse(partial.commit());
    }
  }

  /** One segment, from where it stopped, in two pieces. */
  static void receive(PartialArchive partial, TestArchive archive, int segment) throws IOException {
    if (partial.isVerified(segment)) {
      return;
    }
    byte[] bytes = archive.segment(segment);
    int at = partial.heldBytes(segment);
    int middle = at + (bytes.length - at) / 2;
    partial.write(segment, at, ByteBuffer.wrap(bytes, at, middle - at));
    partial.write(segment, middle, ByteBuffer.wrap(bytes, middle, bytes.length - middle));
    ByteBuffer back = ByteBuffer.allocate(bytes.length);
    partial.read(segment, 0, back);
    assertArrayEquals(bytes, back.array());
    partial.verified(segment);
  }

  Path catalogFile() {
    return catalogFile;
  }

  /** All that is catalogued. */
  List<ArchiveRow> archives() throws IOException {
    List<ArchiveRow> rows = new ArrayList<>();
    catalog.archives(Optional.empty(), rows::add);
    return rows;
  }

  /** Relative paths of all files of the store, sorted, the lock left out. */
  List<String> fileNames() throws IOException {
    try (Stream<Path> all = Files.walk(layout.store())) {
      return all.filter(Files::isRegularFile)
          .map(path -> layout.store().relativize(path).toString())
          .filter(name -> !name.equals(".lock"))
          .sorted()
          .toList();
    }
  }

  List<StoreEvent.Kind> eventKinds() {
    return events.stream().map(StoreEvent::kind).toList();
  }

  /** As a process that ends: nothing is tidied up. */
  @Override
  public void close() throws IOException {
    if (store != null) {
      store.close();
      catalog.close();
      store = null;
    }
  }
}
