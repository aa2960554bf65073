package io.pifleet.agent.upload;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.ArchiveSource;
import io.pifleet.protocol.transfer.SampleArchive;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Archives with segments and receipts that are files, and manifests that are not. */
public final class DirectoryQueue implements ArchiveQueue {
  static final String DEVICE = "pi-kitchen";

  private final Path directory;
  private final Map<ArchiveName, SampleArchive> archives = new ConcurrentSkipListMap<>();
  private final Map<ArchiveName, Instant> sealedAt = new ConcurrentHashMap<>();
  private final Set<ArchiveName> unreadable = new ConcurrentSkipListSet<>();
  private final AtomicInteger looks = new AtomicInteger();
  private volatile boolean outOfDescriptors;

  public DirectoryQueue(Path directory) {
    this.directory = directory;
  }

  /** Seals an archive of random bytes. */
  public ArchiveName add(String name, Instant sealed, int... sizes) throws IOException {
    ArchiveName archive = ArchiveName.parse(name).orElseThrow();
    Path home = Files.createDirectories(directory.resolve(name));
    Random random = new Random(name.hashCode());
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      byte[] bytes = new byte[sizes[i]];
      random.nextBytes(bytes);
      files.add(Files.write(home.resolve(i + ".seg"), bytes));
    }
    sealedAt.put(archive, sealed);
    archives.put(archive, SampleArchive.of(DEVICE, archive, files));
    return archive;
  }

  Path segment(ArchiveName name, int segment) {
    return directory.resolve(name.toString()).resolve(segment + ".seg");
  }

  Sha256 digest(ArchiveName name) {
    return archives.get(name).manifest().digest();
  }

  /** How often the queue was asked what there is: once for each pass. */
  int looks() {
    return looks.get();
  }

  boolean has(ArchiveName name) {
    return archives.containsKey(name);
  }

  /** Its manifest cannot be read, or can again. */
  void unreadable(ArchiveName name, boolean now) {
    if (now) {
      unreadable.add(name);
    } else {
      unreadable.remove(name);
    }
  }

  /** Segments cannot be checked, or can again. */
  void outOfDescriptors(boolean now) {
    outOfDescriptors = now;
  }

  /** As a spool that is full does. */
  public void giveUp(ArchiveName name) throws IOException {
    archives.remove(name);
    try (Stream<Path> files = Files.walk(directory.resolve(name.toString()))) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    }
  }

  @Override
  public List<ArchiveName> sealed() {
    looks.incrementAndGet();
    return List.copyOf(archives.keySet());
  }

  @Override
  public Instant sealedAt(ArchiveName name) {
    return sealedAt.get(name);
  }

  @Override
  public Set<String> receipts(ArchiveName name) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(name.toString()))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.startsWith("receipt-"))
          .map(file -> file.substring("receipt-".length()))
          .collect(Collectors.toSet());
    }
  }

  @Override
  public ArchiveSource open(ArchiveName name) throws IOException {
    if (unreadable.contains(name)) {
      throw new IOException("the manifest ends in the middle");
    }
    SampleArchive archive = archives.get(name);
    if (archive == null) {
      throw new NoSuchFileException(name.toString());
    }
    return archive;
  }

  @Override
  public void addReceipt(ArchiveName name, String collectorId, byte[] receipt) throws IOException {
    Files.write(directory.resolve(name.toString()).resolve("receipt-" + collectorId), receipt);
  }

  @Override
  public void deleteDelivered(ArchiveName name, int receiptsRequired) throws IOException {
    if (receipts(name).size() >= receiptsRequired) {
      giveUp(name);
    }
  }

  @Override
  public boolean reissueWithout(ArchiveName name, Sha256 digest, int segment, BooleanSupplier goOn)
      throws IOException {
    if (outOfDescriptors) {
      throw new FileSystemException(name.toString(), null, "Too many open files");
    }
    SampleArchive archive = archives.get(name);
    List<Path> intact = new ArrayList<>();
    for (int i = 0; i < archive.manifest().segments().count(); i++) {
      Path file = archive.file(i);
      if (Files.exists(file)
          && Sha256.of(Files.readAllBytes(file)).equals(archive.manifest().segments().hash(i))) {
        intact.add(file);
      }
    }
    if (intact.size() == archive.manifest().segments().count()) {
      return false;
    }
    archives.put(name, SampleArchive.of(DEVICE, name, intact));
    return true;
  }
}
