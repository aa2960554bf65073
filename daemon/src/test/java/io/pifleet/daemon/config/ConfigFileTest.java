package io.pifleet.daemon.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigFileTest {
  @TempDir Path directory;

  @Test
  void readsValuesAndChecksClean() throws Exception {
    ConfigFile file =
        write("pifleet { period = iso-week, spool { flush-interval = 90 s, max-bytes = 250M } }");
    Section spool = file.root().section("spool");

    assertEquals("iso-week", file.root().text("period", "x"));
    assertEquals(
        Duration.ofSeconds(90),
        spool.duration(
            "flush-interval", Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofHours(1)));
    assertEquals(250L << 20, spool.bytes("max-bytes", 1, 1, Long.MAX_VALUE));
    file.check();
  }

  @Test
  void namesFileLineKeyFoundAndWantedOfEveryProblemInOrderOfLines() throws Exception {
    ConfigFile file =
        write(
            "pifleet {",
            "  period = monthly",
            "  spool {",
            "    max-bytes = lots",
            "    flush-intervall = 5 s",
            "  }",
            "}");
    Section root = file.root();
    Section spool = root.section("spool");
    spool.bytes("max-bytes", 1, 1 << 20, Long.MAX_VALUE);
    spool.known("flush-interval");
    root.text("period", "iso-week");
    root.refuse("period", "iso-week, or a duration from 5 s up");

    assertEquals(
        String.join(
            "\n",
            at(2) + "pifleet.period is \"monthly\"; wanted: iso-week, or a duration from 5 s up",
            at(4)
                + "pifleet.spool.max-bytes is \"lots\";"
                + " wanted: a size from 1 MiB up, such as 4 MiB",
            at(5) + "pifleet.spool.flush-intervall is not known; did you mean flush-interval?"),
        assertThrows(ConfigException.class, file::check).getMessage());
  }

  @Test
  void reportsAKeyOutsideTheRoot() throws Exception {
    ConfigFile file = write("pifleet {}", "pifeet.period = 5 s");
    file.root().text("period", "");

    assertEquals(
        at(2) + "pifeet is not known; did you mean pifleet?",
        assertThrows(ConfigException.class, file::check).getMessage());
  }

  @Test
  void listsTheKnownKeysWhenNoneIsNear() throws Exception {
    ConfigFile file = write("pifleet.colour = blue");
    file.root().known("period");
    file.root().known("splay");

    assertEquals(
        at(1) + "pifleet.colour is not known; known here: period, splay",
        assertThrows(ConfigException.class, file::check).getMessage());
  }

  @Test
  void reportsTheLineOfASyntaxError() throws IOException {
    ConfigProblem problem = refused("pifleet {", "  period = [1, 2", "}");

    assertEquals(file(), problem.file());
    assertEquals(3, problem.line());
    assertTrue(problem.message().length() > 10, problem::message);
  }

  @Test
  void reportsTheLineOfASubstitutionThatLeadsNowhere() throws IOException {
    ConfigProblem problem = refused("pifleet {", "  period = ${pifleet.perod}", "}");

    assertEquals(2, problem.line());
    assertTrue(problem.message().contains("perod"), problem::message);
  }

  @Test
  void substitutesWithinTheFile() throws Exception {
    ConfigFile file = write("pifleet { state-dir = /srv/x, spool = ${pifleet.state-dir}/spool }");

    assertEquals("/srv/x/spool", file.root().text("spool", ""));
  }

  @Test
  void refusesMissingFilesDirectoriesAndDevices() {
    Path missing = directory.resolve("missing.conf");

    assertEquals(missing + ": no such file", loadFailure(missing));
    assertEquals(directory + ": is not a regular file", loadFailure(directory));
    assertEquals("/dev/zero: is not a regular file", loadFailure(Path.of("/dev/zero")));
  }

  @Test
  void refusesAFileThatTheHeapWouldNotHold() throws IOException {
    Files.writeString(file(), "#".repeat((64 << 10) + 1));

    assertEquals(
        file() + ": is too long: with what it includes, at most 64 KiB are read",
        loadFailure(file()));
  }

  @Test
  void survivesHostileNesting() throws IOException {
    Files.writeString(file(), "pifleet = " + "[".repeat(60_000));

    assertEquals(file() + ": is nested too deeply", loadFailure(file()));
  }

  @Test
  void includesAFileBesideItAndReportsProblemsThere() throws Exception {
    Path included = directory.resolve("cpu.conf");
    Files.writeString(included, "\n\ninterval = soon\n");
    ConfigFile file = write("pifleet.plugins.cpu {", "  include \"cpu.conf\"", "}");
    Section cpu = file.root().children("plugins").get(0);
    cpu.duration("interval", Duration.ZERO, Duration.ofSeconds(1), Duration.ofDays(1));

    ConfigProblem problem = assertThrows(ConfigException.class, file::check).problems().get(0);
    assertEquals(included, problem.file());
    assertEquals(3, problem.line());
    assertEquals("pifleet.plugins.cpu.interval", problem.key());
  }

  @Test
  void refusesAnIncludeThatIsMissing() throws IOException {
    ConfigProblem problem = refused("pifleet {", "  include \"cpu.conf\"", "}");

    assertEquals(2, problem.line());
    assertEquals(
        "include \"cpu.conf\" no such file (" + directory.resolve("cpu.conf") + ")",
        problem.message());
  }

  @Test
  void refusesIncludesOfUrlsResourcesAndItself() throws IOException {
    assertTrue(refused("include url(\"http://192.0.2.1/x\")").message().contains("is a URL"));
    assertTrue(refused("include classpath(\"x.conf\")").message().contains("class path resource"));
    assertTrue(refused("include \"agent.conf\"").message().contains("includes itself"));
  }

  @Test
  void boundsAllIncludedFilesTogether() throws IOException {
    Files.writeString(directory.resolve("half.conf"), "#".repeat(40_000));

    assertTrue(
        refused("include \"half.conf\"", "include \"half.conf\"")
            .message()
            .contains("at most 64 KiB are read"));
  }

  @Test
  void tellsWhichKeysAreLeftToTheDefaults() throws Exception {
    ConfigFile file = write("pifleet { period = iso-week }");
    file.root().text("period", "iso-week");
    file.root().text("splay", "1 h");
    file.root().section("spool").text("max-bytes", "");

    assertEquals(
        List.of("pifleet.splay", "pifleet.spool.max-bytes"), List.copyOf(file.absentKeys()));
  }

  @Test
  void anEmptyTextGivesTheDefaults() throws Exception {
    ConfigFile file = ConfigFile.parse(Path.of("defaults"), "", "pifleet");

    assertEquals(7, file.root().count("max-transfers", 7, 1, 9));
    file.check();
  }

  @Test
  void showsFortyProblemsAndCountsTheRest() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      text.append("pifleet.key").append(i).append(" = 1\n");
    }
    ConfigFile file = write(text.toString());
    ConfigException exception = assertThrows(ConfigException.class, file::check);

    assertEquals(50, exception.problems().size());
    assertTrue(exception.getMessage().endsWith("\n... and 10 more"), exception::getMessage);
  }

  private Path file() {
    return directory.resolve("agent.conf");
  }

  private String at(int line) {
    return file() + ":" + line + ": ";
  }

  private ConfigFile write(String... lines) throws IOException, ConfigException {
    Files.writeString(file(), String.join("\n", lines));
    return ConfigFile.load(file(), "pifleet");
  }

  private ConfigProblem refused(String... lines) throws IOException {
    Files.writeString(file(), String.join("\n", lines));
    ConfigException exception =
        assertThrows(ConfigException.class, () -> ConfigFile.load(file(), "pifleet"));
    assertEquals(1, exception.problems().size());
    return exception.problems().get(0);
  }

  private static String loadFailure(Path file) {
    return assertThrows(ConfigException.class, () -> ConfigFile.load(file, "pifleet")).getMessage();
  }
}
