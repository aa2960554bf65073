package io.pifleet.agent.spool;

import io.pifleet.protocol.ArchiveName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Remembers names of parts, one a line, so that none is given twice: an archive that was uploaded
 * and deleted leaves no other trace. Not thread-safe.
 */
final class PartNames {
  // Five years of weeks, or some hours of trials of 20 s.
  private static final int REMEMBERED = 1024;

  private final Path file;
  private final Deque<String> names = new ArrayDeque<>();

  private PartNames(Path file) {
    this.file = file;
  }

  static PartNames load(Path file) throws IOException {
    PartNames loaded = new PartNames(file);
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        if (ArchiveName.parse(line).isPresent()) {
          loaded.remember(line);
        }
      }
    }
    return loaded;
  }

  /** The first name of the period that is free, taken durably. */
  ArchiveName take(String period) throws IOException {
    int last = 0;
    for (String text : names) {
      Optional<ArchiveName> name = ArchiveName.parse(text);
      if (name.isPresent() && name.get().period().equals(period)) {
        last = Math.max(last, name.get().part());
      }
    }
    ArchiveName taken = new ArchiveName(period, last + 1);
    SpoolFiles.replace(
        file,
        target -> {
          for (String name : names) {
            target.write((name + "\n").getBytes(StandardCharsets.UTF_8));
          }
          target.write((taken + "\n").getBytes(StandardCharsets.UTF_8));
        });
    remember(taken.toString()); // not before: it is still free when this fails
    return taken;
  }

  private void remember(String name) {
    names.remove(name);
    names.add(name);
    if (names.size() > REMEMBERED) {
      names.removeFirst();
    }
  }
}
