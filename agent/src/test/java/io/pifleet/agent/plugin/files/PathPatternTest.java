package io.pifleet.agent.plugin.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PathPatternTest {

  @Test
  void beginsWhereTheFirstWildcardStands() {
    PathPattern pattern = PathPattern.parse("/srv/data/cam-?/x/*.jpg").get(0);
    assertEquals(Path.of("/srv/data"), pattern.base());
    assertEquals(3, pattern.names().size());
  }

  @Test
  void namesOneFileWithoutWildcards() {
    PathPattern pattern = PathPattern.parse("/var/log/syslog").get(0);
    assertEquals(Path.of("/var/log"), pattern.base());
    assertTrue(pattern.matches(0, "syslog"));
  }

  @Test
  void bracesGiveSeveralPatterns() {
    List<PathPattern> patterns = PathPattern.parse("/{a,b}/x.{csv,log,}");
    assertEquals(6, patterns.size());
    assertEquals(PathPattern.parse("/a/x.csv").get(0), patterns.get(0));
    assertEquals(PathPattern.parse("/b/x.").get(0), patterns.get(5));
  }

  @Test
  void wildcardsDoNotMatchHiddenFiles() {
    assertEquals(false, PathPattern.parse("/a/*").get(0).matches(0, ".x.tmp"));
    assertEquals(true, PathPattern.parse("/a/.*").get(0).matches(0, ".x.tmp"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data/*.csv | does not begin with /",
        "/a//b | a name between slashes is \"\"",
        "/a/ | a name between slashes is \"\"",
        "/a/../b | a name between slashes is \"..\"",
        "/a/./b | a name between slashes is \".\"",
        "/a/[x | a [ is not closed",
        "/a/{x | a { is not closed",
        "/a/{x,{y,z}} | a { stands inside another",
        "/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}/x | stands for more than 64 patterns",
      })
  void saysWhatIsWrong(String pattern, String message) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> PathPattern.parse(pattern.strip()));
    assertTrue(e.getMessage().contains(message.strip()), e.getMessage());
  }

  @Test
  void refusesMoreNamesThanTheWalkCanFollow() {
    assertThrows(IllegalArgumentException.class, () -> PathPattern.parse("/*".repeat(61)));
    assertEquals(60, PathPattern.parse("/*".repeat(60)).get(0).names().size());
  }
}
