package io.pifleet.protocol;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceIdTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "7", "pi-kitchen-4f21ab", "0--0"})
  void takesLowerCaseDnsLabels(String id) {
    assertTrue(DeviceId.isValid(id));
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {
        "-",
        "-a",
        "a-",
        "Pi",
        "pi.kitchen",
        "pi_kitchen",
        "pi kitchen",
        "../etc",
        "pi\n",
        "ä",
        "٣"
      })
  void refusesEverythingElse(String id) {
    assertFalse(DeviceId.isValid(id));
  }

  @Test
  void refusesMoreThanOneLabelHolds() {
    assertTrue(DeviceId.isValid("a".repeat(DeviceId.MAX_LENGTH)));
    assertFalse(DeviceId.isValid("a".repeat(DeviceId.MAX_LENGTH + 1)));
  }
}
