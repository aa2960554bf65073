package io.pifleet.collector.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Which files of which archives are in the directory of one device, read at one moment. */
final class DeviceShelf {
  /** The three files of a stored archive. */
  enum Part {
    ARCHIVE(StoreLayout.ARCHIVE_SUFFIX),
    MANIFEST(StoreLayout.MANIFEST_SUFFIX),
    RECEIPT(StoreLayout.RECEIPT_SUFFIX);

    private final String suffix;

    Part(String suffix) {
      this.suffix = suffix;
    }
  }

  private DeviceShelf() {}

  /**
   * Files whose names are not the store's are left alone and not listed.
   *
   * @return by name, in the order of periods; empty when there is no such directory
   */
  static Map<StoredName, Set<Part>> list(Path device) throws IOException {
    Map<StoredName, Set<Part>> found = new TreeMap<>();
    if (!Files.isDirectory(device, LinkOption.NOFOLLOW_LINKS)) {
      return found;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(device)) {
      for (Path file : files) {
        String text = file.getFileName().toString();
        for (Part part : Part.values()) {
          if (text.endsWith(part.suffix)) {
            StoredName.parse(text.substring(0, text.length() - part.suffix.length()))
                .ifPresent(
                    name ->
                        found
                            .computeIfAbsent(name, absent -> EnumSet.noneOf(Part.class))
                            .add(part));
          }
        }
      }
    }
    return found;
  }
}
