package io.pifleet.agent.plugin.exec;

import io.pifleet.agent.plugin.PluginFactory;
import io.pifleet.agent.plugin.PluginRecipe;
import io.pifleet.daemon.config.Section;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the configuration of {@code exec}. */
public final class ExecFactory implements PluginFactory {

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
  private static final long DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;
  private static final long MIN_OUTPUT_BYTES = 1024;
  private static final long MAX_OUTPUT_BYTES = 1L << 30;

  /** What a command may write. */
  enum Format {
    LINE_PROTOCOL
  }

  @Override
  public String type() {
    return "exec";
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
    List<String> command = section.texts("command", List.of());
    if (command.isEmpty() || command.get(0).isBlank()) {
      section.refuse(
          "command",
          "a program and its arguments, such as [\"/usr/bin/vcgencmd\", \"measure_temp\"]");
    }
    section.choice("format", Format.LINE_PROTOCOL);
    long maxOutput =
        section.bytes("max-output", DEFAULT_MAX_OUTPUT_BYTES, MIN_OUTPUT_BYTES, MAX_OUTPUT_BYTES);
    return new ExecRecipe(command, environment(section), maxOutput);
  }

  private static Map<String, String> environment(Section section) {
    Map<String, String> environment = new TreeMap<>();
    for (String setting : section.texts("environment", List.of())) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        section.refuse("environment", "a list of settings, such as [\"TZ=UTC\"]");
      } else {
        environment.put(setting.substring(0, equals), setting.substring(equals + 1));
      }
    }
    return environment;
  }
}
