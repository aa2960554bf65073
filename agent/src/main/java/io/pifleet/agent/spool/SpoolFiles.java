package io.pifleet.agent.spool;

import io.pifleet.linux.DurableFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Names in the spool's directory, and the few ways in which its files change for ever. */
final class SpoolFiles {
  static final String JOURNAL = "journal";
  static final String RECORDS = "records.open";
  static final String FILES = "files.open";
  static final String MANIFEST = "manifest.json";
  static final String SEGMENT_SUFFIX = ".seg";
  static final String TEMP_SUFFIX = ".tmp";
  static final String RECEIPT_PREFIX = "receipt-";
  static final String RECEIPT_SUFFIX = ".json";

  /** A directory that is being deleted; its archive is gone already. */
  static final String DELETING_PREFIX = ".deleting-";

  /** The open part while nobody knows what time it is. */
  static final String UNNAMED = "unnamed";

  /** A directory without a readable journal, kept for a person to look at. */
  static final String DAMAGED_PREFIX = ".damaged-";

  private SpoolFiles() {}

  /** Writes the bytes of one file. */
  interface Content {
    void writeTo(OutputStream target) throws IOException;
  }

  /** Looks at a file before it gets its name; throws when it must not get it. */
  interface Check {
    void of(Path written) throws IOException;
  }

  /**
   * Replaces {@code target} as a whole, durably: a crash leaves the old file or the new one, and
   * perhaps a temporary one.
   */
  static void replace(Path target, Content content) throws IOException {
    replace(target, content, written -> {});
  }

  /** As {@link #replace(Path, Content)}; the old file stays when {@code check} throws. */
  static void replace(Path target, Content content, Check check) throws IOException {
    Path temp = target.resolveSibling(target.getFileName() + TEMP_SUFFIX);
    try {
      try (FileChannel channel =
          FileChannel.open(
              temp,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        OutputStream stream = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 14);
        content.writeTo(stream);
        stream.flush();
        channel.force(true);
      }
      check.of(temp);
      Files.move(temp, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temp);
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
    DurableFile.syncDirectory(target.getParent());
  }

  /**
   * Deletes a directory of files so that no crash leaves half of it under its name: it gets another
   * name first.
   */
  static void deleteDirectory(Path directory) throws IOException {
    String name = directory.getFileName().toString();
    Path doomed = directory;
    if (!name.startsWith(DELETING_PREFIX)) {
      doomed = directory.resolveSibling(DELETING_PREFIX + name);
      if (Files.exists(doomed)) {
        deleteDirectory(doomed); // left by a crash
      }
      Files.move(directory, doomed, StandardCopyOption.ATOMIC_MOVE);
      DurableFile.syncDirectory(directory.getParent());
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(doomed)) {
      for (Path entry : entries) {
        Files.deleteIfExists(entry);
      }
    }
    Files.deleteIfExists(doomed);
  }

  /** Bytes of the regular files in a directory of the spool; 0 when it is gone. */
  static long directoryBytes(Path directory) throws IOException {
    long bytes = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        bytes += sizeOrZero(entry);
      }
    } catch (NoSuchFileException e) {
      return 0; // deleted since it was listed
    }
    return bytes;
  }

  /** Size of a file, 0 when it is not there. */
  static long sizeOrZero(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }
}
