package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RecordQueueTest {
  private final ManualClock clock = new ManualClock("1970-01-01T00:00:30Z").unknown();
  private final RecordQueue queue = new RecordQueue(clock);

  @Test
  void mixesNoStampsOfBothKindsWhileAFlushIsUnderWay() {
    assertTrue(put("a"));
    assertBatch("a", false);
    assertTrue(put("b"), "while a is written");
    clock.set("2026-11-20T07:10:00Z");
    assertFalse(put("c"), "there is only the buffer of b");
    queue.release();
    assertTrue(put("d"));
    assertBatch("b", false);
    assertTrue(put("e"));
    queue.release();
    assertBatch("de", true);
    queue.release();
    assertTrue(queue.isEmpty());
  }

  private boolean put(String record) {
    byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
    return queue.put(bytes, 0, bytes.length, 1);
  }

  private void assertBatch(String content, boolean timeKnown) {
    RecordQueue.Batch batch = queue.take();
    assertEquals(content, StandardCharsets.UTF_8.decode(batch.bytes()).toString());
    assertEquals(content.length(), batch.records());
    assertEquals(timeKnown, batch.timeKnown());
  }
}
