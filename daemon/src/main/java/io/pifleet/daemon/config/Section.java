package io.pifleet.daemon.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A block of a {@link ConfigFile}. A getter that meets a value it cannot take records a {@link
 * ConfigProblem} and returns its fallback, so that one run shows all problems; {@link
 * ConfigFile#check()} throws them. A key that is absent, or {@code null}, gives the fallback, which
 * may lie outside the limits and may be null where the type allows it.
 *
 * <p>Every key that is asked for becomes known; all others are reported as unknown. Not
 * thread-safe.
 */
public final class Section {
  private final ConfigFile file;
  private final String key;
  private final String name;
  private final ConfigObject values;
  private final ConfigOrigin origin;
  private final SortedSet<String> known = new TreeSet<>();
  private final Map<String, Section> sections = new HashMap<>();

  Section(ConfigFile file, String key, String name, ConfigObject values, ConfigOrigin origin) {
    this.file = file;
    this.key = key;
    this.name = name;
    this.values = values;
    this.origin = origin;
  }

  /** The full key: {@code pifleet.plugins.cpu}. */
  public String key() {
    return key;
  }

  /** The last part of the key: {@code cpu}. */
  public String name() {
    return name;
  }

  /** Whether the file sets this key; makes the key known. */
  public boolean has(String key) {
    return value(key) != null;
  }

  /** Declares a key that may stand here but is not read now. */
  public void known(String key) {
    known.add(key);
  }

  /** Any scalar as text. */
  public String text(String key, String fallback) {
    String found = scalar(key, "a text");
    return found == null ? fallback : found;
  }

  /** Any scalar as text, not blank; {@code ""} when it is missing, which is recorded. */
  public String requiredText(String key) {
    if (!has(key)) {
      problem(key, "is missing; wanted: a text");
      return "";
    }
    String found = scalar(key, "a text");
    if (found != null && found.isBlank()) {
      refuse(key, "a text that is not empty");
    }
    return found == null ? "" : found;
  }

  /**
   * One of the constants of an enum, written in kebab-case: {@code DROP_OLDEST} is {@code
   * drop-oldest}.
   *
   * @param fallback not null: names the enum
   */
  public <E extends Enum<E>> E choice(String key, E fallback) {
    StringBuilder allowed = new StringBuilder("one of");
    String separator = " ";
    String found = scalar(key, "a text");
    for (E constant : fallback.getDeclaringClass().getEnumConstants()) {
      String written = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (written.equals(found)) {
        return constant;
      }
      allowed.append(separator).append(written);
      separator = ", ";
    }
    if (found != null) {
      refuse(key, allowed.toString());
    }
    return fallback;
  }

  /** {@code true}, {@code yes}, {@code on}, or {@code false}, {@code no}, {@code off}. */
  public boolean flag(String key, boolean fallback) {
    String found = scalar(key, "true or false");
    if (found == null) {
      return fallback;
    }
    return switch (found) {
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> {
        refuse(key, "true or false");
        yield fallback;
      }
    };
  }

  /** A number of bytes as {@link ByteSize} reads it, from min to max. */
  public long bytes(String key, long fallback, long min, long max) {
    String wanted =
        "a size"
            + limits(
                min == 0 ? null : ByteSize.format(min),
                max == Long.MAX_VALUE ? null : ByteSize.format(max))
            + ", such as 4 MiB";
    String found = scalar(key, wanted);
    if (found == null) {
      return fallback;
    }
    OptionalLong bytes = ByteSize.parse(found);
    if (bytes.isEmpty() || bytes.getAsLong() < min || bytes.getAsLong() > max) {
      refuse(key, wanted);
      return fallback;
    }
    return bytes.getAsLong();
  }

  /**
   * A duration as {@link DurationText} reads it, from min to max ({@link DurationText#UNLIMITED}:
   * no upper limit).
   */
  public Duration duration(String key, Duration fallback, Duration min, Duration max) {
    String wanted =
        "a duration"
            + limits(
                min.isZero() ? null : DurationText.format(min),
                max.compareTo(DurationText.UNLIMITED) >= 0 ? null : DurationText.format(max))
            + ", such as 10 s, 5 min, 7 days";
    String found = scalar(key, wanted);
    if (found == null) {
      return fallback;
    }
    Optional<Duration> duration = DurationText.parse(found);
    if (duration.isEmpty()
        || duration.get().compareTo(min) < 0
        || duration.get().compareTo(max) > 0) {
      refuse(key, wanted);
      return fallback;
    }
    return duration.get();
  }

  /** A whole number from min to max. */
  public int count(String key, int fallback, int min, int max) {
    String wanted =
        "a whole number"
            + limits(
                Integer.toString(min), max == Integer.MAX_VALUE ? null : Integer.toString(max));
    String found = scalar(key, wanted);
    if (found == null) {
      return fallback;
    }
    try {
      int count = Integer.parseInt(found);
      if (count >= min && count <= max) {
        return count;
      }
    } catch (NumberFormatException e) {
      // the same answer as for a number that is out of range
    }
    refuse(key, wanted);
    return fallback;
  }

  /** A path; a relative one is relative to the directory of the file that it stands in. */
  public Path path(String key, Path fallback) {
    String found = scalar(key, "a path");
    if (found == null) {
      return fallback;
    }
    try {
      if (!found.isBlank()) {
        return file.fileOf(value(key).origin()).toAbsolutePath().resolveSibling(found).normalize();
      }
    } catch (InvalidPathException e) {
      // falls through: the same answer as for an empty one
    }
    refuse(key, "a path");
    return fallback;
  }

  /** A list of texts; one text is a list of one. */
  public List<String> texts(String key, List<String> fallback) {
    ConfigValue value = value(key);
    if (value == null) {
      return fallback;
    }
    if (value.valueType() != ConfigValueType.LIST) {
      String one = scalar(key, "a text, or a list [\"...\", \"...\"]");
      return one == null ? fallback : List.of(one);
    }
    List<String> texts = new ArrayList<>();
    for (ConfigValue item : (ConfigList) value) {
      if (!isScalar(item)) {
        file.report(
            item.origin(),
            fullKey(key),
            fullKey(key) + " holds " + shown(item) + "; wanted: texts");
        return fallback;
      }
      texts.add(asText(item));
    }
    return List.copyOf(texts);
  }

  /** The block of this name; an empty one when there is none. The same object each time. */
  public Section section(String key) {
    ConfigValue value = value(key);
    return sections.computeIfAbsent(key, absent -> newSection(key, value));
  }

  /** The blocks inside the block {@code key}, whose names are up to the user, ordered by name. */
  public List<Section> children(String key) {
    Section parent = section(key);
    List<Section> children = new ArrayList<>();
    for (String child : new TreeSet<>(parent.values.keySet())) {
      if (parent.has(child)) {
        children.add(parent.section(child));
      }
    }
    return children;
  }

  /**
   * The caller's own check failed.
   *
   * @param foundAndWanted goes on after the key: {@code is missing; wanted: plain, because ...}
   */
  public void problem(String key, String foundAndWanted) {
    ConfigValue value = value(key);
    file.report(
        value == null ? origin : value.origin(), fullKey(key), fullKey(key) + " " + foundAndWanted);
  }

  /** As {@link #problem}, and says itself what was found: {@code is "monthly"; wanted: ...}. */
  public void refuse(String key, String wanted) {
    ConfigValue value = value(key);
    String found = value == null ? "missing" : shown(value);
    problem(key, "is " + found + "; wanted: " + wanted);
  }

  void reportUnknownKeys() {
    for (Map.Entry<String, ConfigValue> entry : values.entrySet()) {
      String found = entry.getKey();
      Section section = sections.get(found);
      if (section != null) {
        section.reportUnknownKeys();
      } else if (!known.contains(found)) {
        file.report(
            entry.getValue().origin(),
            fullKey(found),
            fullKey(found) + " is not known; " + suggestion(found));
      }
    }
  }

  void collectAbsentKeys(SortedSet<String> absent) {
    for (String asked : known) {
      Section section = sections.get(asked);
      if (section != null) {
        section.collectAbsentKeys(absent);
      } else if (value(asked) == null) {
        absent.add(fullKey(asked));
      }
    }
  }

  private String suggestion(String found) {
    return NearestKey.of(found, known)
        .map(nearest -> "did you mean " + nearest + "?")
        .orElseGet(
            () ->
                known.isEmpty()
                    ? "nothing is known here"
                    : "known here: " + String.join(", ", known));
  }

  private Section newSection(String key, ConfigValue value) {
    if (value instanceof ConfigObject block) {
      return new Section(file, fullKey(key), key, block, block.origin());
    }
    if (value != null) {
      refuse(key, "a block, " + key + " { ... }");
    }
    ConfigObject empty = ConfigValueFactory.fromMap(Map.of());
    return new Section(file, fullKey(key), key, empty, value == null ? origin : value.origin());
  }

  /** Null when absent or explicitly null. */
  private ConfigValue value(String key) {
    known.add(key);
    ConfigValue value = values.get(key);
    return value == null || value.valueType() == ConfigValueType.NULL ? null : value;
  }

  /** Null when absent, or no scalar, which is recorded. */
  private String scalar(String key, String wanted) {
    ConfigValue value = value(key);
    if (value == null) {
      return null;
    }
    if (!isScalar(value)) {
      refuse(key, wanted);
      return null;
    }
    return asText(value);
  }

  private static boolean isScalar(ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> true;
      case OBJECT, LIST, NULL -> false;
    };
  }

  /** As written in the file: {@code 007} stays {@code 007}, which unwrapped() would make 7. */
  private static String asText(ConfigValue scalar) {
    return scalar.atKey("it").getString("it");
  }

  private static String shown(ConfigValue value) {
    return switch (value.valueType()) {
      case OBJECT -> "a block { ... }";
      case LIST -> "a list [ ... ]";
      case NULL -> "null";
      case STRING, NUMBER, BOOLEAN -> Quoted.of(asText(value));
    };
  }

  private String fullKey(String key) {
    String written = ConfigUtil.joinPath(key);
    return this.key.isEmpty() ? written : this.key + "." + written;
  }

  private static String limits(String min, String max) {
    if (min == null) {
      return max == null ? "" : " up to " + max;
    }
    return max == null ? " from " + min + " up" : " from " + min + " to " + max;
  }
}
