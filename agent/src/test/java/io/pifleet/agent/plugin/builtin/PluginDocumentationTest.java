package io.pifleet.agent.plugin.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.agent.plugin.Plugin;
import io.pifleet.agent.plugin.PluginSpec;
import io.pifleet.agent.plugin.RecordedRun;
import io.pifleet.daemon.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** plugins.md says what the code does: keys, defaults, measurements, fields and their types. */
final class PluginDocumentationTest {
  private static final String NOTHING = "";

  @TempDir private Path root;

  /** The chapters by their titles. */
  private static Map<String, String> chapters() throws IOException {
    Map<String, String> chapters = new LinkedHashMap<>();
    for (String chapter : Files.readString(Path.of("plugins.md")).split("\n## ", -1)) {
      int end = chapter.indexOf('\n');
      chapters.put(chapter.substring(0, end).strip(), chapter.substring(end));
    }
    return chapters;
  }

  /** The indented block of a chapter. */
  private static String sample(String chapter) {
    StringBuilder sample = new StringBuilder();
    for (String line : chapter.lines().toList()) {
      if (line.startsWith("    ")) {
        sample.append(line).append('\n');
      }
    }
    return sample.toString();
  }

  private static ConfigFile config(String plugins) throws Exception {
    String text = "pifleet { plugins {\n" + plugins + "\n} }";
    return ConfigFile.parse(Path.of("plugins.md"), text, "pifleet");
  }

  private PluginSpec spec(String name, ConfigFile file) throws Exception {
    List<PluginSpec> specs = StandardPlugins.types(root).read(file.root());
    file.check();
    return specs.stream().filter(spec -> spec.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void hasAChapterForEveryType() throws Exception {
    List<String> titles = new ArrayList<>(chapters().keySet());
    titles.remove(0);
    ConfigFile file = config("x.type = none");
    StandardPlugins.types(root).read(file.root());
    String types = String.join(", ", titles.stream().sorted().toList());
    String message = NOTHING;
    try {
      file.check();
    } catch (io.pifleet.daemon.config.ConfigException e) {
      message = e.getMessage();
    }
    assertTrue(message.contains("one of " + types), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "memory", "disk", "network", "temperature"})
  void showsTheDefaultsOfBuiltInPlugins(String type) throws Exception {
    String sample = sample(chapters().get(type));
    assertEquals(spec(type, config(NOTHING)), spec(type, config(sample)));
    assertNoKeyIsMissing(type, sample);
  }

  @Test
  void showsTheDefaultsOfExecAndFiles() throws Exception {
    String exec = sample(chapters().get("exec"));
    String command = "exec.command = [\"/usr/local/bin/fan-speed\", \"--lines\"]";
    assertEquals(spec("exec", config(command)), spec("exec", config(exec)));
    assertNoKeyIsMissing("exec", exec);
    String files = sample(chapters().get("files"));
    String paths = "files.paths = [\"/srv/sensors/**/*.csv\", \"/var/log/app/*.{log,txt}\"]";
    assertEquals(spec("files", config(paths)), spec("files", config(files)));
    assertNoKeyIsMissing("files", files);
  }

  /** All keys but those that every plugin has. */
  private void assertNoKeyIsMissing(String type, String sample) throws Exception {
    ConfigFile file = config(sample);
    StandardPlugins.types(root).read(file.root());
    String prefix = "pifleet.plugins." + type;
    List<String> common =
        List.of(
            prefix,
            prefix + ".type",
            prefix + ".enabled",
            prefix + ".interval",
            prefix + ".timeout");
    for (String absent : file.absentKeys()) {
      assertTrue(!absent.startsWith(prefix) || common.contains(absent), absent + " is not shown");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "memory", "disk", "network", "temperature"})
  void listsWhatBuiltInPluginsWrite(String type) throws Exception {
    CapturedPi.copyTo(root);
    Plugin plugin =
        type.equals("disk")
            ? new DiskPlugin(root, List.of(), mountPoint -> new long[] {1000, 400, 350})
            : spec(type, config(NOTHING)).recipe().create();
    Files.move(
        root.resolve("proc/stat.later"),
        root.resolve("proc/stat"),
        StandardCopyOption.REPLACE_EXISTING);
    String line = new RecordedRun().gather(plugin).unstamped().get(0);

    List<List<String>> rows = new ArrayList<>();
    for (String row : chapters().get(type).lines().toList()) {
      if (row.startsWith("| `") || row.startsWith("| | |")) {
        rows.add(List.of(row.substring(1).split("\\|", -1)));
      }
    }
    String[] series = line.substring(0, line.indexOf(' ')).split(",", -1);
    String[] fields = line.substring(line.indexOf(' ') + 1).split(",", -1);
    assertEquals(series[0], code(rows.get(0).get(0)));
    for (int i = 1; i < series.length; i++) {
      String tag = series[i].substring(0, series[i].indexOf('='));
      assertTrue(rows.get(0).get(1).contains("`" + tag + "`"), tag);
    }
    assertEquals(fields.length, rows.size(), line);
    for (int i = 0; i < fields.length; i++) {
      String name = fields[i].substring(0, fields[i].indexOf('='));
      assertEquals(name, code(rows.get(i).get(2)));
      String written = fields[i].endsWith("i") ? "integer" : "float";
      assertEquals(written, rows.get(i).get(3).strip(), name);
    }
  }

  /** The first word in backquotes. */
  private static String code(String cell) {
    return cell.split("`", -1)[1];
  }
}
