package io.pifleet.collector.receive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.collector.TestArchive;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.PartialArchive;
import io.pifleet.protocol.transfer.ReceivingStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class StoreWatchTest {
  private static final Sha256 DIGEST = Sha256.of(new byte[1]);

  private long nanos;
  private boolean failing;
  private final List<Optional<String>> seen = new ArrayList<>();
  private final StoreWatch watch = new StoreWatch(new SlowStore(), () -> nanos);

  /** Each call takes 17 minutes, in which somebody looks after 15 and after 17. */
  private final class SlowStore implements ReceivingStore {
    @Override
    public Optional<byte[]> receipt(String device, Sha256 digest) throws IOException {
      hang();
      return Optional.empty();
    }

    @Override
    public PartialArchive open(Manifest manifest, byte[] manifestBytes) throws IOException {
      hang();
      return (PartialArchive)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {PartialArchive.class},
              (proxy, method, args) -> {
                hang();
                return method.getReturnType() == byte[].class ? new byte[0] : null;
              });
    }

    private void hang() throws IOException {
      nanos += StoreWatch.PATIENCE.toNanos();
      seen.add(watch.problem());
      nanos += Duration.ofMinutes(2).toNanos();
      seen.add(watch.problem());
      if (failing) {
        throw new IOException("stale file handle");
      }
    }
  }

  @Test
  void namesTheCallThatTheStoreDoesNotAnswer() throws IOException {
    assertTrue(watch.receipt("pi-1", DIGEST).isEmpty());
    assertSaid("receipt for pi-1");
    TestArchive archive = TestArchive.small("pi-1", "2026-W47", 1);
    try (PartialArchive partial = watch.open(archive.manifest(), archive.manifestBytes())) {
      assertSaid("opening 2026-W47 of pi-1");
      partial.verified(0);
      assertSaid("a part of 2026-W47 of pi-1");
      assertEquals(0, partial.commit().length);
      assertSaid("committing 2026-W47 of pi-1");
    }
    assertSaid("closing 2026-W47 of pi-1");
  }

  @Test
  void isContentAgainOnceTheCallHasFailed() {
    failing = true;
    assertThrows(IOException.class, () -> watch.receipt("pi-1", DIGEST));
    assertSaid("receipt for pi-1");
  }

  private void assertSaid(String what) {
    assertEquals(
        List.of(
            Optional.empty(),
            Optional.of(
                "the store has not answered for 17 min: " + what + "; does its file system hang?")),
        seen);
    seen.clear();
    assertEquals(Optional.empty(), watch.problem());
  }
}
