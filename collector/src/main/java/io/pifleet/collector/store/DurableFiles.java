package io.pifleet.collector.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The steps that a store takes on its file system, where their order matters: each is announced to
 * an observer first, so that a test can end the world between any two of them. Thread-safe.
 */
final class DurableFiles {
  /** Sees each step before it is taken; what it throws prevents the step. */
  interface Observer {
    void before(String step, Path path) throws IOException;
  }

  static final DurableFiles UNOBSERVED = new DurableFiles((step, path) -> {});

  private final Observer observer;

  DurableFiles(Observer observer) {
    this.observer = observer;
  }

  /** A step that the caller takes itself. */
  void announce(String step, Path path) throws IOException {
    observer.before(step, path);
  }

  /** Makes a directory, and its entry in the parent durable; fine when it exists already. */
  void createDirectory(Path directory) throws IOException {
    if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    observer.before("create-directory", directory);
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    }
    sync(directory.getParent());
  }

  /** Writes a small file, durable before it gets its name; replaces what had the name. */
  void write(Path file, byte[] bytes) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    writeDurably(temporary, bytes);
    observer.before("rename", file);
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    sync(file.getParent());
  }

  /**
   * Writes a small file under a name that nothing has; the caller syncs the directory.
   *
   * @param temporary on the same file system
   * @throws FileAlreadyExistsException when the name is taken
   */
  void publish(Path temporary, Path file, byte[] bytes) throws IOException {
    writeDurably(temporary, bytes);
    publish(temporary, file);
    delete(temporary);
  }

  /**
   * Gives a file a second name, which nothing has, by link(2). On a file system without hard links
   * (FAT) it is renamed; nothing is replaced there either, because only the holder of the store's
   * lock makes names, under the lock of the device.
   *
   * @throws FileAlreadyExistsException when the name is taken
   */
  void publish(Path file, Path name) throws IOException {
    observer.before("link", name);
    try {
      Files.createLink(name, file);
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      if (Files.exists(name, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(name.toString());
      }
      Files.move(file, name, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Moves a file to a name that may be taken by an older state of the same thing. */
  void rename(Path file, Path name) throws IOException {
    observer.before("rename", name);
    Files.move(file, name, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** fsync(2) of a file. */
  void sync(FileChannel file, Path path) throws IOException {
    observer.before("fsync", path);
    file.force(true);
  }

  /** fsync(2) of a directory. */
  void sync(Path directory) throws IOException {
    observer.before("fsync", directory);
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Deletes a file; fine when it is gone already. */
  boolean delete(Path file) throws IOException {
    observer.before("delete", file);
    return Files.deleteIfExists(file);
  }

  /** Deletes a directory and the files in it, the one called {@code last} after the others. */
  void deleteDirectory(Path directory, String last) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (!file.getFileName().toString().equals(last)) {
          delete(file);
        }
      }
    }
    delete(directory.resolve(last));
    delete(directory);
  }

  private void writeDurably(Path file, byte[] bytes) throws IOException {
    observer.before("write", file);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
  }
}
