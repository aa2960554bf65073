package io.pifleet.agent.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.agent.plugin.FileChange;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileIntakeTest {
  @TempDir Path work;

  @Test
  void saysWhyItTakesNoMoreFilesWhenItKnowsTooMany() throws Exception {
    TakenChanges taken = TakenChanges.load(work.resolve("taken"));
    FileIntake intake = new FileIntake(taken, new ManualClock("2026-11-20T07:10:00Z"));
    assertEquals(Optional.empty(), intake.problem());
    for (int i = 0; i < TakenChanges.MAX_CHANGES; i++) {
      taken.add(new Fingerprint(i, 0));
    }
    assertFalse(intake.offer(new FileChange("camera", work.resolve("new.jpg"), 1, 2, 3)));
    assertTrue(
        intake.problem().orElseThrow().startsWith("262144 files are known as taken"),
        intake.problem()::toString);
  }
}
