package io.pifleet.agent.plugin.builtin;

import io.pifleet.agent.plugin.Gathering;
import io.pifleet.agent.plugin.Plugin;
import io.pifleet.agent.plugin.PluginOffException;
import io.pifleet.agent.plugin.PluginRecipe;
import io.pifleet.daemon.config.Section;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Temperatures, from the thermal zones of the kernel
 * (Documentation/driver-api/thermal/sysfs-api.rst): on a Raspberry Pi the processor's, {@code
 * cpu-thermal}.
 */
final class TemperaturePlugin implements Plugin {

  private static final String ZONES = "sys/class/thermal";

  /** Far more than any board has. */
  private static final int MAX_ZONES = 256;

  private record Zone(String name, String type, String file) {}

  private final List<Zone> zones;
  private final KernelText text;

  private TemperaturePlugin(List<Zone> zones, KernelText text) {
    this.zones = zones;
    this.text = text;
  }

  @Override
  public void gather(Gathering gathering) {
    for (Zone zone : zones) {
      try {
        text.load(zone.file);
        text.nextLine();
        double degrees = text.number() / 1000.0; // the file has thousandths
        gathering
            .lines()
            .line("temp")
            .tag("zone", zone.name)
            .tag("type", zone.type)
            .field("temp", degrees)
            .end(gathering.stampNanos());
      } catch (IOException e) {
        // A sensor that sleeps answers EAGAIN or ENODATA: that is no reason to lose the others.
        gathering.problem(e.getMessage());
      }
    }
  }

  record Recipe(Path root) implements PluginRecipe {
    @Override
    public Plugin create() throws PluginOffException, IOException {
      Path directory = root.resolve(ZONES);
      KernelText text = new KernelText();
      List<Zone> zones = new ArrayList<>();
      if (Files.isDirectory(directory)) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "thermal_zone*")) {
          for (Path zone : found) {
            if (zones.size() < MAX_ZONES && Files.exists(zone.resolve("temp"))) {
              text.load(zone.resolve("type").toString());
              text.nextLine();
              String name = zone.getFileName().toString();
              zones.add(new Zone(name, text.until('\n'), zone.resolve("temp").toString()));
            }
          }
        }
      }
      if (zones.isEmpty()) {
        throw new PluginOffException("no thermal zone under " + directory);
      }
      return new TemperaturePlugin(List.copyOf(zones), text);
    }
  }

  record Factory(Path root) implements StandardFactory {
    @Override
    public String type() {
      return "temperature";
    }

    @Override
    public PluginRecipe configure(Section section) {
      return new Recipe(root);
    }
  }
}
