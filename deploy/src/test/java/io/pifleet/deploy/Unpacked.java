package io.pifleet.deploy;

import io.pifleet.daemon.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Archives of one device, unpacked with the system's tar. */
final class Unpacked {
  private static final Pattern NUMBERED = Pattern.compile("^probe n=(\\d+)i ");

  private final Path root;

  private Unpacked(Path root) {
    this.root = root;
  }

  /** Everything that a collector has of a device. */
  static Unpacked of(Collector collector, String device, Path root) throws Exception {
    Unpacked unpacked = new Unpacked(Files.createDirectories(root));
    for (String archive : collector.archives(device)) {
      Path file = collector.archive(device, archive);
      // Each into a directory of its own: two of them may have members with the same name.
      Path target = Files.createDirectories(root.resolve(archive));
      Program.of("tar", "--zstd", "-C", target.toString(), "-xf", file.toString()).run().fine();
    }
    return unpacked;
  }

  /**
   * Files of one kind, {@code metrics} or {@code files}, by their path below it, in every archive.
   */
  Map<String, List<Path>> members(String kind) throws IOException {
    Map<String, List<Path>> members = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path path = root.relativize(file);
        // ARCHIVE / DEVICE / ARCHIVE / KIND / …
        if (Files.isRegularFile(file)
            && path.getNameCount() > 4
            && path.getName(3).toString().equals(kind)) {
          String name = path.subpath(4, path.getNameCount()).toString();
          members.computeIfAbsent(name, any -> new ArrayList<>()).add(file);
        }
      }
    }
    return members;
  }

  /** Lines of all records. */
  List<String> records() throws IOException {
    List<String> lines = new ArrayList<>();
    for (List<Path> copies : members("metrics").values()) {
      for (Path file : copies) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  /** How often each numbered record of {@link Inputs#probe} is there. */
  Map<Long, Integer> numbers() throws IOException {
    return numbers(records());
  }

  static Map<Long, Integer> numbers(List<String> lines) {
    Map<Long, Integer> counts = new TreeMap<>();
    for (String line : lines) {
      Matcher matcher = NUMBERED.matcher(line);
      if (matcher.find()) {
        counts.merge(Long.parseLong(matcher.group(1)), 1, Integer::sum);
      }
    }
    return counts;
  }

  /** The manifests, as text. */
  List<String> manifests() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.endsWith("manifest.json"))
          .sorted()
          .map(Unpacked::text)
          .toList();
    }
  }

  /** All gaps that they name. */
  List<JsonObject> gaps() throws IOException {
    List<JsonObject> gaps = new ArrayList<>();
    for (String manifest : manifests()) {
      gaps.addAll(JsonObject.parse(manifest).objects("gaps"));
    }
    return gaps;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
