package io.pifleet.agent.upload;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.transfer.FaultProxy;
import io.pifleet.protocol.transfer.FaultProxy.Direction;
import io.pifleet.protocol.transfer.FaultProxy.Fault;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@link Uploader#close} waits less than three seconds, and nothing of it is left then. */
@Timeout(120)
final class UploadEndTest {
  @TempDir Path directory;
  private UploadFixture fixture;

  @BeforeEach
  void open() {
    fixture = new UploadFixture(directory);
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void closeEndsASendThatIsBlocked() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    FaultProxy proxy =
        fixture.closing(
            new FaultProxy(new InetSocketAddress(LoopbackCollector.loopback(), collector.port())));
    proxy.plan(Fault.hold(Direction.TO_SERVER, 100_000));
    int segment = 4 << 20;
    ArchiveName name =
        fixture.archive("2026-W46", segment, segment, segment, segment, segment, segment, segment);
    fixture.start(proxy.address().getPort());
    Eventually.until(UploadEndTest::isInSendfile, () -> fixture.uploader().status().toString());
    fixture.uploader().close();
    UploadFixture.assertNoUploadThread();
    assertTrue(fixture.queue().has(name));
  }

  /** Long enough in one place to be blocked there. */
  private static boolean isInSendfile() throws InterruptedException {
    for (int i = 0; i < 10; i++) {
      boolean sends =
          Thread.getAllStackTraces().entrySet().stream()
              .filter(entry -> entry.getKey().getName().equals("upload"))
              .flatMap(entry -> List.of(entry.getValue()).stream())
              .anyMatch(frame -> frame.getMethodName().startsWith("transferTo"));
      if (!sends) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return true;
  }

  @Test
  void closeEndsAnAttemptToConnectThatHangs() throws Exception {
    List<SocketChannel> fillers = new ArrayList<>();
    try (ServerSocket deaf = new ServerSocket(0, 1, LoopbackCollector.loopback())) {
      fill(deaf, fillers);
      ArchiveName name = fixture.archive("2026-W46", 5000);
      fixture.start(deaf.getLocalPort());
      Eventually.until(UploadEndTest::isConnecting, () -> fixture.uploader().status().toString());
      fixture.uploader().close();
      UploadFixture.assertNoUploadThread();
      assertTrue(fixture.queue().has(name));
    } finally {
      for (SocketChannel filler : fillers) {
        filler.close();
      }
    }
  }

  /** Connects until the kernel takes no more, since nobody accepts. */
  private static void fill(ServerSocket deaf, List<SocketChannel> fillers) throws Exception {
    for (int i = 0; i < 64; i++) {
      SocketChannel filler = SocketChannel.open();
      fillers.add(filler);
      filler.configureBlocking(false);
      filler.connect(deaf.getLocalSocketAddress());
      TimeUnit.MILLISECONDS.sleep(50); // loopback connects at once, or not for a second
      if (!filler.finishConnect()) {
        return;
      }
    }
    throw new IOException("the backlog of the listener does not fill up");
  }

  private static boolean isConnecting() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(entry -> entry.getKey().getName().equals("upload"))
        .flatMap(entry -> List.of(entry.getValue()).stream())
        .anyMatch(frame -> frame.getMethodName().equals("blockingConnect"));
  }
}
