package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GapTest {
  private static final Instant START = Instant.parse("2026-11-20T07:00:00Z");

  @Test
  void makesOneOfAdjoiningGaps() throws IOException {
    List<Gap> told = new ArrayList<>();
    GapMerger merger = new GapMerger(told::add);
    for (long i = 0; i < 360; i++) {
      merger.add(gap(i * 10, i * 10 + 10, "disk", "timeout"));
      merger.add(gap(i * 10, i * 10, "exec", Gap.QUEUE_FULL));
    }
    merger.add(gap(7200, 7210, "disk", "timeout"));
    merger.flush();
    assertEquals(3, told.size());
    assertEquals(gap(0, 3600, "disk", "timeout").to(), told.get(0).to());
    assertEquals(360, told.get(0).records());
  }

  @Test
  void doesNotJoinWhatLiesApart() {
    assertFalse(gap(0, 10, "disk", "timeout").joins(gap(20, 30, "disk", "timeout")));
    assertFalse(gap(0, 10, "disk", "timeout").joins(gap(10, 20, "cpu", "timeout")));
    assertTrue(gap(0, 10, "disk", "timeout").joins(gap(10, 20, "disk", "timeout")));
  }

  @Test
  void holdsTextThatUtf8CannotSay() throws IOException {
    Gap gap = new Gap(START, START, "p", "r", -1, "half \ud83d, whole \ud83d\ude00".repeat(40));
    JournalFormat.write(new JournalEntry.GapFound(gap), new ByteArrayOutputStream());
    assertTrue(gap.detail().startsWith("half ?, whole \ud83d\ude00half"));
    assertTrue(gap.detail().length() <= 512);
    assertEquals("short", new Gap(START, START, "p", "r", -1, "short").detail());
  }

  @Test
  void countsRecordsAndNotNewlinesInStrings() {
    RecordCounter counter = new RecordCounter();
    String lines =
        """
        a,t=x\\ y value=1 1
        b text="two
        lines, \\"quoted\\"" 2
        c"d value="x" 3
        """;
    for (byte b : lines.getBytes(StandardCharsets.UTF_8)) {
      counter.count(ByteBuffer.wrap(new byte[] {b})); // however it is cut
    }
    assertEquals(3, counter.records());
  }

  private static Gap gap(long from, long to, String source, String reason) {
    return new Gap(START.plusSeconds(from), START.plusSeconds(to), source, reason, 1, "");
  }
}
