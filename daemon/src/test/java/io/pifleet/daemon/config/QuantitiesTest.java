package io.pifleet.daemon.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class QuantitiesTest {
  @ParameterizedTest
  @CsvSource({
    "0,0",
    "4096,4096",
    "4 MiB,4194304",
    "250M,262144000",
    "250 MB,250000000",
    "1.5 GiB,1610612736",
    "64k,65536",
    "1 kB,1000",
    "7 bytes,7"
  })
  void readsSizes(String text, long bytes) {
    assertEquals(OptionalLong.of(bytes), ByteSize.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "MiB",
        "-1",
        "1.2.3",
        ".5k",
        "5.",
        "1 QiB",
        "0.5",
        "9000 PiB",
        "1e3",
        "4 Mi B"
      })
  void refusesWhatIsNoSize(String text) {
    assertEquals(OptionalLong.empty(), ByteSize.parse(text));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 1023, 1024, 1 << 20, (1 << 20) + 1, 3L << 50, Long.MAX_VALUE})
  void readsBackTheSizesItWrites(long bytes) {
    assertEquals(OptionalLong.of(bytes), ByteSize.parse(ByteSize.format(bytes)));
  }

  @ParameterizedTest
  @CsvSource({
    "0,PT0S",
    "10 s,PT10S",
    "10s,PT10S",
    "5m,PT5M",
    "5 min,PT5M",
    "1.5 hours,PT1H30M",
    "7 days,PT168H",
    "1 week,PT168H",
    "250 ms,PT0.25S"
  })
  void readsDurations(String text, Duration duration) {
    assertEquals(Optional.of(duration), DurationText.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10", "s", "-1 s", "1 month", "0.5 ns", "1000000 days"})
  void refusesWhatIsNoDuration(String text) {
    assertEquals(Optional.empty(), DurationText.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 s", "1 ns", "250 ms", "90 s", "5 min", "3 h", "1 day", "7 days"})
  void writesDurationsInTheLargestUnitThatFits(String text) {
    assertEquals(text, DurationText.format(DurationText.parse(text).orElseThrow()));
  }

  @Test
  void refusesTextOfAnyLengthQuickly() {
    assertTrue(ByteSize.parse("9".repeat(1_000_000)).isEmpty());
  }
}
