package io.pifleet.agent.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.agent.plugin.builtin.StandardPlugins;
import io.pifleet.daemon.config.ConfigException;
import io.pifleet.daemon.config.ConfigFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PluginTypesTest {
  private static final PluginTypes TYPES = StandardPlugins.types(Path.of("/"));

  private static List<PluginSpec> read(String plugins) throws ConfigException {
    String text = "pifleet { plugins {\n" + plugins + "\n} }";
    ConfigFile file = ConfigFile.parse(Path.of("/etc/agent.conf"), text, "pifleet");
    List<PluginSpec> specs = TYPES.read(file.root());
    file.check();
    return specs;
  }

  private static PluginSpec spec(String name, String plugins) throws ConfigException {
    for (PluginSpec spec : read(plugins)) {
      if (spec.name().equals(name)) {
        return spec;
      }
    }
    throw new AssertionError("no " + name + " in " + plugins);
  }

  @Test
  void builtInPluginsAreOnWithoutABlock() throws Exception {
    List<PluginSpec> specs = read("");
    assertEquals(
        List.of("cpu", "disk", "memory", "network", "temperature"),
        specs.stream().map(PluginSpec::name).toList());
    for (PluginSpec spec : specs) {
      assertTrue(spec.enabled());
      assertEquals(Duration.ofSeconds(10), spec.interval());
      assertEquals(Duration.ofSeconds(5), spec.timeout());
    }
  }

  @Test
  void aBlockChangesABuiltInPlugin() throws Exception {
    PluginSpec cpu = spec("cpu", "cpu { interval = 1 min, timeout = 2 s, per-cpu = false }");
    assertEquals(Duration.ofMinutes(1), cpu.interval());
    assertEquals(Duration.ofSeconds(2), cpu.timeout());
    assertNotEquals(spec("cpu", "").recipe(), cpu.recipe());
    assertEquals(false, spec("cpu", "cpu.enabled = false").enabled());
  }

  @Test
  void theTypeIsTheNameUnlessItIsGiven() throws Exception {
    PluginSpec spec = spec("fan", "fan { type = exec, command = [\"/usr/bin/fan\", \"-j\"] }");
    assertEquals("exec", spec.type());
    assertEquals("exec", spec("exec", "exec { command = [\"a\"] }").type());
  }

  @Test
  void equalBlocksGiveEqualSpecs() throws Exception {
    String text =
        """
        e { type = exec, command = ["a", "b"], environment = ["X=1"] }
        f { type = files, paths = ["/srv/**/*.csv", "/var/log/x.{log,txt}"], settle = 1 s }
        """;
    assertEquals(read(text), read(text));
    assertNotEquals(read(text), read(text.replace("X=1", "X=2")));
    assertNotEquals(read(text), read(text.replace("*.csv", "*.tsv")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x { type = fan } | plugins.x.type is \"fan\"; wanted: one of cpu, disk, exec, files, memory, network, temperature",
        "fan {} | plugins.fan.type is missing, and the plugin's name is no type; wanted: one of cpu, disk,",
        "cpu { intervall = 5 s } | plugins.cpu.intervall is not known; did you mean interval?",
        "cpu { interval = 1 ms } | plugins.cpu.interval is \"1 ms\"; wanted: a duration from 1 s to 7 days",
        "\"../x\" { type = cpu } | belongs to a plugin with an unusable name",
        "exec {} | plugins.exec.command is missing; wanted: a program and its arguments",
        "exec { command = a, environment = [X] } | plugins.exec.environment",
        "exec { command = a, format = json } | plugins.exec.format is \"json\"; wanted: one of line-protocol",
        "files {} | plugins.files.paths is missing; wanted: absolute paths",
        "files { paths = [\"x/*\"] } | \"x/*\" does not begin with /",
        "files { paths = [\"/a/../b\"] } | a name between slashes is \"..\"",
        "network { ignore = [\"[\"] } | plugins.network.ignore",
      })
  void namesWhatIsWrong(String plugins, String message) {
    ConfigException e = assertThrows(ConfigException.class, () -> read(plugins.strip()));
    assertTrue(e.getMessage().contains(message.strip()), e.getMessage());
    assertTrue(e.getMessage().contains("agent.conf:2"), e.getMessage());
  }
}
