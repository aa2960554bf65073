package io.pifleet.protocol.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Transfers that hang, and how they are ended. */
@Timeout(60)
final class StopTest {
  @TempDir Path directory;

  /** Answers with a NEED of everything and then reads nothing more. */
  private static void askAndStall(Socket client, int... sizes) throws IOException {
    int length = 8 + 6 + 4 + 6 + 12 * sizes.length;
    java.nio.ByteBuffer need = java.nio.ByteBuffer.allocate(8 + length);
    need.putInt(0x5049464C).putInt(0x00010000);
    need.putInt(0x02000002).putInt(length - 8);
    need.putShort((short) 0x8001).putInt(4).putInt(1);
    need.putShort((short) 0x8002).putInt(12 * sizes.length);
    for (int i = 0; i < sizes.length; i++) {
      need.putInt(i).putInt(0).putInt(sizes[i]);
    }
    client.getOutputStream().write(need.array());
    client.getOutputStream().flush();
  }

  private static int descriptors() {
    String[] names = new File("/proc/self/fd").list();
    return names == null ? -1 : names.length;
  }

  /** Whether some thread of this process is in sendfile(2), whose number is 40 or 71. */
  private static boolean isAnybodySending() throws IOException {
    String number = System.getProperty("os.arch").equals("amd64") ? "40 " : "71 ";
    File[] tasks = new File("/proc/self/task").listFiles();
    for (File task : tasks == null ? new File[0] : tasks) {
      try {
        if (java.nio.file.Files.readString(task.toPath().resolve("syscall")).startsWith(number)) {
          return true;
        }
      } catch (java.nio.file.NoSuchFileException e) {
        // This thread has ended in the meantime.
      }
    }
    return false;
  }

  @Test
  void endsABlockedSendfileWithinASecondAndLeavesNoDescriptor() throws Exception {
    int size = 4 << 20;
    SampleArchive archive =
        SampleArchive.make(directory, "pi-kitchen", 5, size, size, size, size, size, size);
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Deadlines deadlines = new Deadlines()) {
      InetSocketAddress address =
          new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
      PlainConnection.connect(address, Duration.ofSeconds(5)).acknowledgedBytes(); // loads libc
      server.accept().close();
      int before = 0;
      for (int round = 0; round < 5; round++) {
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread owner =
            new Thread(
                () -> {
                  try {
                    sendAndKeep(address, deadlines, archive);
                  } catch (Throwable e) {
                    end.set(e);
                  }
                },
                "upload");
        owner.start();
        try (Socket client = server.accept()) {
          askAndStall(client, size, size, size, size, size, size);
          long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
          while (sender == null || !isAnybodySending()) {
            assertTrue(System.nanoTime() < until, "nobody is blocked in sendfile");
            TimeUnit.MILLISECONDS.sleep(10);
          }
          sender.stop();
          sender.stop();
          owner.join(1000);
          assertFalse(owner.isAlive(), "the sendfile goes on a second after stop()");
          assertInstanceOf(IOException.class, end.get());
          assertTrue(end.get().getMessage().contains("stopped"), end.get()::toString);
        }
        sender = null;
        int now = descriptors();
        if (round == 0) {
          before = now; // class loading is done
        }
        assertTrue(now <= before, "descriptors: " + before + ", then " + now);
      }
    }
  }

  private volatile ArchiveSender sender;

  private void sendAndKeep(InetSocketAddress address, Deadlines deadlines, SampleArchive archive)
      throws IOException {
    try (ArchiveSender mine =
        new ArchiveSender(
            PlainConnection.connect(address, Duration.ofSeconds(5)),
            deadlines,
            SenderLimits.DEFAULT,
            "0.1.0",
            UUID.randomUUID())) {
      sender = mine;
      mine.offer(archive, SendProgress.NONE);
    }
  }

  @Test
  void givesUpOnACollectorThatTakesNothing() throws Exception {
    int size = 4 << 20;
    SampleArchive archive =
        SampleArchive.make(directory, "pi-kitchen", 5, size, size, size, size, size, size);
    SenderLimits limits =
        new SenderLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(1));
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        SampleDevice device = new SampleDevice(limits)) {
      InetSocketAddress address =
          new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
      Thread stalling = new Thread(() -> accept(server, size));
      stalling.start();
      StalledException stalled =
          assertThrows(StalledException.class, () -> device.offer(address, archive));
      assertTrue(
          stalled.getMessage().startsWith("nothing taken by ")
              && stalled.getMessage().endsWith(" for 1 s"),
          stalled::getMessage);
      stalling.join();
    }
  }

  private Socket held;

  private void accept(ServerSocket server, int size) {
    try {
      held = server.accept();
      askAndStall(held, size, size, size, size, size, size);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void givesUpOnACollectorThatSaysNothing() throws Exception {
    SampleArchive archive = SampleArchive.make(directory, "pi-kitchen", 5, 100);
    SenderLimits limits =
        new SenderLimits(Duration.ofSeconds(5), Duration.ofMillis(400), Duration.ofSeconds(5));
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        SampleDevice device = new SampleDevice(limits)) {
      InetSocketAddress address =
          new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
      StalledException stalled =
          assertThrows(StalledException.class, () -> device.offer(address, archive));
      assertTrue(stalled.getMessage().startsWith("no byte from "), stalled::getMessage);
      assertTrue(stalled.getMessage().endsWith(" for 400 ms"), stalled::getMessage);
    }
  }

  @Test
  void doesNotGiveUpOnALinkThatIsSlowButAlive() throws Exception {
    // One range of 300,000 bytes takes 3 s, three times the limits; bytes arrive all the time.
    SampleArchive archive = SampleArchive.make(directory.resolve("a"), "pi-kitchen", 5, 300_000);
    SampleStore store = new SampleStore(directory.resolve("store"));
    SenderLimits limits =
        new SenderLimits(Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(1));
    try (SampleCollector collector =
            new SampleCollector(store, SampleCollector.LIMITS.withGrantMaxBytes(1 << 20));
        FaultProxy proxy = new FaultProxy(collector.address());
        SampleDevice device = new SampleDevice(limits)) {
      proxy.plan(FaultProxy.Fault.throttle(FaultProxy.Direction.TO_SERVER, 0, 100_000));
      Outcome outcome = device.offer(proxy.address(), archive);
      assertInstanceOf(Outcome.Stored.class, outcome);
    }
  }

  @Test
  void hearsThatTheCollectorGoesDownInTheMiddleOfAGrant() throws Exception {
    SampleArchive archive =
        SampleArchive.make(directory.resolve("a"), "pi-kitchen", 5, 4 << 20, 4 << 20);
    SampleStore store = new SampleStore(directory.resolve("store"));
    try (SampleCollector collector =
            new SampleCollector(store, SampleCollector.LIMITS.withGrantMaxBytes(8 << 20));
        FaultProxy proxy = new FaultProxy(collector.address());
        SampleDevice device = new SampleDevice()) {
      proxy.plan(FaultProxy.Fault.throttle(FaultProxy.Direction.TO_SERVER, 0, 1_000_000));
      Thread shutDown =
          new Thread(
              () -> {
                while (collector.live == null || collector.live.arrivedBytes() == 0) {
                  Thread.onSpinWait();
                }
                collector.receivers.get(0).shutDown();
              });
      shutDown.start();
      Outcome.Refused refused =
          assertInstanceOf(Outcome.Refused.class, device.offer(proxy.address(), archive));
      assertEquals("shutdown", refused.codeName());
      assertTrue(refused.retryable());
      shutDown.join();
    }
  }
}
