package io.pifleet.daemon;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class VersionTest {
  @Test
  void isWhatTheBuildWrote() {
    assertTrue(Version.text().matches("[0-9]+\\.[0-9]+\\.[0-9]+(-.+)?"), Version.text());
  }
}
