package io.pifleet.agent.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NamePatternTest {

  @ParameterizedTest
  @CsvSource({
    "eth0, eth0, true",
    "eth0, eth1, false",
    "*, anything, true",
    "veth*, veth12ab, true",
    "veth*, eth0, false",
    "*.csv, a.csv, true",
    "*.csv, a.csv.tmp, false",
    "a*b*c, aXbYbZc, true",
    "a*b*c, aXbYbZ, false",
    "a**c, ac, true",
    "?at, cat, true",
    "?at, at, false",
    "[a-c]at, bat, true",
    "[a-c]at, dat, false",
    "[!a-c]at, dat, true",
    "[^a-c]at, bat, false",
    "[]x]y, ]y, true",
    "[!]x]y, ]y, false",
    "[a-]y, -y, true",
    "x[0-9][0-9], x42, true",
    "a\\*b, a*b, true",
    "a\\*b, aXb, false",
    "*[0-9], a1b2, true",
    "ä*, äöü, true",
  })
  void matchesAsAShellDoes(String pattern, String name, boolean expected) {
    assertEquals(expected, NamePattern.of(pattern).matches(name), pattern + " on " + name);
  }

  @Test
  void refusesWhatIsNoPattern() {
    assertThrows(IllegalArgumentException.class, () -> NamePattern.of(""));
    assertThrows(IllegalArgumentException.class, () -> NamePattern.of("a[b"));
    assertThrows(IllegalArgumentException.class, () -> NamePattern.of("[]"));
  }

  @Test
  void staysQuickWithManyStars() {
    NamePattern hard = NamePattern.of("*a".repeat(100) + "b");
    boolean matches =
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> hard.matches("a".repeat(250)));
    assertEquals(false, matches);
  }
}
