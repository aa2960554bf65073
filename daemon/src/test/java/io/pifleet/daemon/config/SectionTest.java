package io.pifleet.daemon.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SectionTest {
  private enum WhenFull {
    DROP_OLDEST,
    PAUSE
  }

  private ConfigFile file;

  @Test
  void readsChoicesInKebabCase() throws Exception {
    assertEquals(
        WhenFull.DROP_OLDEST,
        section("when-full = drop-oldest").choice("when-full", WhenFull.PAUSE));
    assertEquals(WhenFull.PAUSE, section("").choice("when-full", WhenFull.PAUSE));
    file.check();
  }

  @Test
  void refusesAnUnknownChoiceAndListsTheAllowed() throws Exception {
    section("when-full = DROP_OLDEST").choice("when-full", WhenFull.PAUSE);

    assertEquals(
        "s.when-full is \"DROP_OLDEST\"; wanted: one of drop-oldest, pause", onlyProblem());
  }

  @ParameterizedTest
  @CsvSource({"true,true", "on,true", "yes,true", "false,false", "off,false", "no,false"})
  void readsFlags(String written, boolean expected) throws Exception {
    assertEquals(expected, section("announce = " + written).flag("announce", !expected));
    file.check();
  }

  @Test
  void refusesAFlagThatIsNone() throws Exception {
    assertTrue(section("announce = 1").flag("announce", true));
    assertEquals("s.announce is \"1\"; wanted: true or false", onlyProblem());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "10", "1.5", "many", "99999999999", "\"\""})
  void refusesCountsOutsideTheLimits(String written) throws Exception {
    assertEquals(4, section("n = " + written).count("n", 4, 1, 9));
    assertTrue(onlyProblem().endsWith("; wanted: a whole number from 1 to 9"), this::onlyProblem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 s", "2 h", "10", "soon", "-5 s"})
  void refusesDurationsOutsideTheLimits(String written) throws Exception {
    Duration fallback = Duration.ofSeconds(10);
    assertEquals(
        fallback,
        section("d = " + written)
            .duration("d", fallback, Duration.ofSeconds(5), Duration.ofHours(1)));
    assertTrue(
        onlyProblem().endsWith("; wanted: a duration from 5 s to 1 h, such as 10 s, 5 min, 7 days"),
        this::onlyProblem);
  }

  @Test
  void refusesABlockOrAListWhereAValueIsWanted() throws Exception {
    section("a { b = 1 }\n c = [1]");
    section().text("a", "");
    section().bytes("c", 0, 0, Long.MAX_VALUE);

    List<ConfigProblem> problems = problems();
    assertEquals("s.a is a block { ... }; wanted: a text", problems.get(0).message());
    assertEquals("s.c is a list [ ... ]; wanted: a size, such as 4 MiB", problems.get(1).message());
  }

  @Test
  void refusesAValueWhereABlockIsWanted() throws Exception {
    Section spool = section("spool = 5").section("spool");

    assertFalse(spool.has("max-bytes"));
    assertEquals("s.spool is \"5\"; wanted: a block, spool { ... }", onlyProblem());
  }

  @Test
  void givesTheChildrenOfABlockByName() throws Exception {
    List<Section> plugins =
        section("plugins { disk { a = 1 }, cpu { a = 2 }, gone = null }").children("plugins");

    assertEquals(List.of("cpu", "disk"), plugins.stream().map(Section::name).toList());
    assertEquals("s.plugins.cpu", plugins.get(0).key());
    assertEquals("2", plugins.get(0).text("a", ""));
    assertEquals("1", plugins.get(1).text("a", ""));
    file.check();
  }

  @Test
  void reportsUnknownKeysOfChildren() throws Exception {
    section("plugins { cpu { intervall = 1 } }").children("plugins").get(0).known("interval");

    assertEquals("s.plugins.cpu.intervall is not known; did you mean interval?", onlyProblem());
  }

  @Test
  void aSectionIsTheSameEachTime() throws Exception {
    Section root = section("spool { max-bytes = 1 }");
    root.section("spool").known("max-bytes");

    assertSame(root.section("spool"), root.section("spool"));
    file.check();
  }

  @Test
  void readsOneTextAsAListOfOne() throws Exception {
    assertEquals(List.of("auto"), section("collectors = auto").texts("collectors", List.of()));
    assertEquals(
        List.of("pi:7433", "[::1]:7433"),
        section("collectors = [\"pi:7433\", \"[::1]:7433\"]").texts("collectors", List.of()));
    file.check();
  }

  @Test
  void refusesAListOfOtherThanTexts() throws Exception {
    assertEquals(List.of("x"), section("collectors = [{}]").texts("collectors", List.of("x")));
    assertEquals("s.collectors holds a block { ... }; wanted: texts", onlyProblem());
  }

  @Test
  void keepsTextsAsTheyAreWritten() throws Exception {
    assertEquals("007", section("id = 007").text("id", ""));
    assertEquals("1.50", section("id = 1.50").text("id", ""));
  }

  @Test
  void takesRelativePathsFromTheFilesDirectory() throws Exception {
    assertEquals(Path.of("/etc/x/spool"), section("p = spool").path("p", null));
    assertEquals(Path.of("/srv"), section("p = /srv/a/..").path("p", null));
    assertEquals(Path.of("/fall/back"), section("").path("p", Path.of("/fall/back")));
    file.check();
  }

  @Test
  void refusesAnEmptyPath() throws Exception {
    assertEquals(Path.of("/fall"), section("p = \"\"").path("p", Path.of("/fall")));
    assertEquals("s.p is \"\"; wanted: a path", onlyProblem());
  }

  @Test
  void reportsAMissingRequiredTextAtItsBlock() throws Exception {
    assertEquals("", section("\n").requiredText("command"));
    assertEquals(2, problems().get(0).line());
    assertEquals("s.command is missing; wanted: a text", onlyProblem());
  }

  @Test
  void treatsNullAsAbsent() throws Exception {
    Section section = section("id = null");

    assertFalse(section.has("id"));
    assertEquals("auto", section.text("id", "auto"));
    file.check();
  }

  @Test
  void quotesAndBoundsWhatItFound() throws Exception {
    section("n = \"" + "x".repeat(500) + "\"").count("n", 1, 1, 2);
    assertTrue(onlyProblem().length() < 200, this::onlyProblem);

    section("n = \"a\\u001b[31m\"").count("n", 1, 1, 2);
    assertTrue(onlyProblem().startsWith("s.n is \"a?[31m\""), this::onlyProblem);
  }

  private Section section(String body) throws ConfigException {
    file = ConfigFile.parse(Path.of("/etc/x/a.conf"), "\ns {" + body + "\n}", "s");
    return file.root();
  }

  private Section section() {
    return file.root();
  }

  private List<ConfigProblem> problems() {
    return assertThrows(ConfigException.class, file::check).problems();
  }

  private String onlyProblem() {
    List<ConfigProblem> problems = problems();
    assertEquals(1, problems.size(), problems::toString);
    return problems.get(0).message();
  }
}
