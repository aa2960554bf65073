package io.pifleet.agent.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class CadenceTest {
  private static final long INTERVAL = TimeUnit.SECONDS.toNanos(10);

  @Test
  void keepsTheIntervalWithoutDrift() {
    Cadence cadence = new Cadence("cpu", INTERVAL, 0);
    long first = cadence.untilDueNanos(0);
    assertTrue(first >= 0 && first < INTERVAL, "first after " + first);
    assertEquals(0, cadence.advance(first - 1));
    assertEquals(1, cadence.advance(first + 1234));
    assertEquals(INTERVAL, cadence.untilDueNanos(first));
  }

  @Test
  void countsWhatWasMissedAndDoesNotQueueItUp() {
    Cadence cadence = new Cadence("cpu", INTERVAL, 0);
    long first = cadence.untilDueNanos(0);
    assertEquals(4, cadence.advance(first + 3 * INTERVAL + 5));
    assertEquals(INTERVAL - 5, cadence.untilDueNanos(first + 3 * INTERVAL + 5));
  }

  @Test
  void worksAcrossTheOverflowOfTheClock() {
    long start = Long.MAX_VALUE - 5;
    Cadence cadence = new Cadence("cpu", INTERVAL, start);
    long first = cadence.untilDueNanos(start);
    assertTrue(first >= 0 && first < INTERVAL, "first after " + first);
    assertEquals(1, cadence.advance(start + first));
    assertEquals(INTERVAL, cadence.untilDueNanos(start + first));
  }

  @Test
  void spreadsPluginsInsideTheInterval() {
    Set<Long> tenths = new HashSet<>();
    for (String name : new String[] {"cpu", "memory", "disk", "network", "temperature", "files"}) {
      long delay = Cadence.firstDelayNanos(name, INTERVAL);
      assertTrue(delay >= 0 && delay < INTERVAL, name + " " + delay);
      tenths.add(delay / (INTERVAL / 10));
    }
    assertTrue(tenths.size() >= 4, "six plugins in " + tenths.size() + " tenths of the interval");
  }

  @Test
  void startsALongIntervalSoon() {
    long week = TimeUnit.DAYS.toNanos(7);
    assertTrue(Cadence.firstDelayNanos("weekly", week) < TimeUnit.MINUTES.toNanos(1));
  }
}
