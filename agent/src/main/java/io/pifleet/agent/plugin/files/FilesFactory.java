package io.pifleet.agent.plugin.files;

import io.pifleet.agent.plugin.Plugin;
import io.pifleet.agent.plugin.PluginFactory;
import io.pifleet.agent.plugin.PluginRecipe;
import io.pifleet.daemon.config.Section;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads the configuration of {@code files}. */
public final class FilesFactory implements PluginFactory {

  /** A scan of 100,000 files on an SD card with cold caches takes this long. */
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

  private static final Duration DEFAULT_SETTLE = Duration.ofSeconds(10);
  private static final Duration MAX_SETTLE = Duration.ofDays(7);

  @Override
  public String type() {
    return "files";
  }

  @Override
  public boolean onByDefault() {
    return false;
  }

  @Override
  public Duration defaultTimeout() {
    return DEFAULT_TIMEOUT;
  }

  @Override
  public PluginRecipe configure(Section section) {
    List<PathPattern> patterns = new ArrayList<>();
    for (String path : section.texts("paths", List.of())) {
      try {
        patterns.addAll(PathPattern.parse(path));
      } catch (IllegalArgumentException e) {
        section.refuse("paths", "absolute paths, with * ? [a-z] {a,b} and **; " + e.getMessage());
      }
    }
    if (!section.has("paths")) {
      section.refuse("paths", "absolute paths, such as [\"/var/log/sensors/*.csv\"]");
    }
    return new Recipe(
        patterns, section.duration("settle", DEFAULT_SETTLE, Duration.ZERO, MAX_SETTLE));
  }

  record Recipe(List<PathPattern> patterns, Duration settle) implements PluginRecipe {
    @Override
    public Plugin create() {
      return new FilesPlugin(patterns, settle);
    }
  }
}
