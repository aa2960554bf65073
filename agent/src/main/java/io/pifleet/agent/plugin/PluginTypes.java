package io.pifleet.agent.plugin;

import io.pifleet.daemon.config.Section;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The types of plugins that there are, and the reading of {@code plugins { ... }}. Immutable. */
public final class PluginTypes {

  /** How often a plugin runs that does not say. */
  public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);

  private static final Duration MIN_INTERVAL = Duration.ofSeconds(1);
  private static final Duration MAX_INTERVAL = Duration.ofDays(7);
  private static final Duration MIN_TIMEOUT = Duration.ofMillis(100);
  private static final Duration MAX_TIMEOUT = Duration.ofHours(1);

  /** The name stands in file names inside archives, and in the manifest. */
  private static final int MAX_NAME_CHARS = 64;

  private final Map<String, PluginFactory> factories = new TreeMap<>();

  public PluginTypes(List<PluginFactory> factories) {
    for (PluginFactory factory : factories) {
      if (this.factories.put(factory.type(), factory) != null) {
        throw new IllegalArgumentException("two plugin types are called " + factory.type());
      }
    }
  }

  /**
   * Reads the blocks {@code plugins.NAME} and adds the types that are on without one.
   *
   * @param root the section that holds {@code plugins}; problems go to it
   * @return ordered by name
   */
  public List<PluginSpec> read(Section root) {
    Map<String, PluginSpec> specs = new TreeMap<>();
    for (Section section : root.children("plugins")) {
      PluginFactory factory = factoryOf(section);
      if (factory != null) {
        specs.put(section.name(), spec(section, factory));
      }
    }
    for (PluginFactory factory : factories.values()) {
      if (factory.onByDefault() && !root.section("plugins").has(factory.type())) {
        specs.put(factory.type(), spec(root.section("plugins").section(factory.type()), factory));
      }
    }
    return List.copyOf(specs.values());
  }

  private PluginFactory factoryOf(Section section) {
    if (!isName(section.name())) {
      section.problem(
          "type",
          "belongs to a plugin with an unusable name; wanted: a name of at most "
              + MAX_NAME_CHARS
              + " letters, digits, dots, dashes and underscores that begins with a letter or digit");
    }
    boolean named = section.has("type");
    PluginFactory factory = factories.get(section.text("type", section.name()));
    if (factory == null) {
      String types = "one of " + String.join(", ", factories.keySet());
      if (named) {
        section.refuse("type", types);
      } else {
        section.problem("type", "is missing, and the plugin's name is no type; wanted: " + types);
      }
    }
    return factory;
  }

  private static PluginSpec spec(Section section, PluginFactory factory) {
    section.known("type");
    return new PluginSpec(
        section.name(),
        factory.type(),
        section.flag("enabled", true),
        section.duration("interval", DEFAULT_INTERVAL, MIN_INTERVAL, MAX_INTERVAL),
        section.duration("timeout", factory.defaultTimeout(), MIN_TIMEOUT, MAX_TIMEOUT),
        factory.configure(section));
  }

  private static boolean isName(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letterOrDigit =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      boolean punctuation = c == '.' || c == '-' || c == '_';
      if (!letterOrDigit && !(punctuation && i > 0)) {
        return false;
      }
    }
    return !name.isEmpty() && name.length() <= MAX_NAME_CHARS;
  }
}
