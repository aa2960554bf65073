package io.pifleet.agent.plugin.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Walks the files that match a pattern, once each. Memory and descriptors grow with the depth of
 * the directories, not with the number of names: each open directory is read entry by entry. Not
 * recursive, and no deeper than {@link #MAX_DEPTH}.
 *
 * <p>The directory before the first wildcard may be reached over symbolic links, since somebody
 * wrote its name down. Below it no link is followed, and a link is no file: so nothing outside is
 * found, and nothing twice.
 *
 * <p>One walk, one thread.
 */
final class FileWalk {

  /** Deeper than sane trees are, and fewer descriptors than a process has. */
  static final int MAX_DEPTH = 64;

  private static final String ATTRIBUTES =
      "unix:ino,size,lastModifiedTime,isRegularFile,isDirectory";

  /** Takes what the walk finds. */
  interface Visitor {
    /** A regular file that matches. */
    void file(Path path, long inode, long sizeBytes, long mtimeNanos);

    /** A directory cannot be read, wholly or in part, and may hide files. */
    void unreadable(Path directory, String why);
  }

  /**
   * An open directory, and the names of the pattern that may match its entries: bit i for the i-th.
   * A set, because after {@code **} several may.
   */
  private record Level(
      Path directory, long names, DirectoryStream<Path> stream, Iterator<Path> entries) {}

  private final PathPattern pattern;
  private final Visitor visitor;
  private final Deque<Level> levels = new ArrayDeque<>();

  FileWalk(PathPattern pattern, Visitor visitor) {
    this.pattern = pattern;
    this.visitor = visitor;
  }

  void walk() throws InterruptedException {
    try {
      enter(pattern.base(), 1);
      while (!levels.isEmpty()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        Level level = levels.peek();
        Path entry = nextEntry(level);
        if (entry == null) {
          levels.pop();
          close(level);
        } else {
          visit(entry, level.names);
        }
      }
    } finally {
      levels.forEach(this::close);
      levels.clear();
    }
  }

  @SuppressWarnings(
      "StreamResourceLeak") // closed by walk(), when its level is popped or the walk ends
  private void enter(Path directory, long names) {
    if (levels.size() >= MAX_DEPTH) {
      visitor.unreadable(directory, "is more than " + MAX_DEPTH + " directories deep");
      return;
    }
    try {
      DirectoryStream<Path> stream = Files.newDirectoryStream(directory);
      levels.push(new Level(directory, withFollowers(names), stream, stream.iterator()));
    } catch (NoSuchFileException | NotDirectoryException e) {
      if (levels.isEmpty()) {
        visitor.unreadable(directory, "is no directory");
      } // else it is gone since its name was read
    } catch (IOException e) {
      visitor.unreadable(directory, why(e));
    }
  }

  /** Null at the end of the directory. */
  private Path nextEntry(Level level) {
    try {
      return level.entries.hasNext() ? level.entries.next() : null;
    } catch (DirectoryIteratorException e) {
      visitor.unreadable(level.directory, why(e.getCause()));
      return null;
    }
  }

  private void visit(Path entry, long names) {
    String name = entry.getFileName().toString();
    boolean matches = false;
    long below = 0;
    for (long rest = names; rest != 0; rest &= rest - 1) {
      int index = Long.numberOfTrailingZeros(rest);
      if (pattern.names().get(index).isEmpty()) {
        if (name.charAt(0) != '.') {
          below |= 1L << index;
        }
      } else if (pattern.matches(index, name)) {
        if (index == pattern.names().size() - 1) {
          matches = true;
        } else {
          below |= 1L << (index + 1);
        }
      }
    }
    if (matches || below != 0) {
      visitMatch(entry, matches, below);
    }
  }

  private void visitMatch(Path entry, boolean matches, long below) {
    Map<String, Object> attributes;
    try {
      attributes = Files.readAttributes(entry, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return; // gone since its name was read
    } catch (IOException e) {
      visitor.unreadable(entry, why(e));
      return;
    }
    if (matches && (Boolean) attributes.get("isRegularFile")) {
      visitor.file(
          entry,
          (Long) attributes.get("ino"),
          (Long) attributes.get("size"),
          ((FileTime) attributes.get("lastModifiedTime")).to(TimeUnit.NANOSECONDS));
    } else if (below != 0 && (Boolean) attributes.get("isDirectory")) {
      enter(entry, below);
    }
  }

  /** {@code **} may stand for no directory: then what comes after it may match here already. */
  private long withFollowers(long names) {
    long all = names;
    for (int i = 0; i < pattern.names().size(); i++) {
      if ((all & 1L << i) != 0 && pattern.names().get(i).isEmpty()) {
        all |= 1L << (i + 1);
      }
    }
    return all;
  }

  private void close(Level level) {
    try {
      level.stream.close();
    } catch (IOException e) {
      visitor.unreadable(level.directory, why(e));
    }
  }

  private static String why(IOException e) {
    return e instanceof AccessDeniedException ? "may not be read" : e.toString();
  }
}
