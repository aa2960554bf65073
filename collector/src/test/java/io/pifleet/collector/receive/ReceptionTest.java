package io.pifleet.collector.receive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.transfer.Deadlines;
import io.pifleet.protocol.transfer.PartialArchive;
import io.pifleet.protocol.transfer.ReceiverLimits;
import io.pifleet.protocol.transfer.ReceivingStore;
import io.pifleet.protocol.transfer.RefusedException;
import io.pifleet.protocol.transfer.Takeovers;
import io.pifleet.protocol.wire.ProtocolError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ReceptionTest {
  private final Deadlines deadlines = new Deadlines();
  private Reception reception;
  private Listener listener;

  /** Nobody gets so far as to need one. */
  private static final class NoStore implements ReceivingStore {
    @Override
    public Optional<byte[]> receipt(String device, Sha256 digest) {
      return Optional.empty();
    }

    @Override
    public PartialArchive open(Manifest manifest, byte[] manifestBytes) throws IOException {
      throw new RefusedException(ProtocolError.STORAGE, "there is none");
    }
  }

  @BeforeEach
  void start() throws IOException {
    ReceptionLog log =
        new ReceptionLog(
            new ReceptionLog.Memory() {
              @Override
              public void seen(String device, String address) {}

              @Override
              public void event(String kind, String device, String text) {}
            },
            System::nanoTime);
    reception =
        new Reception(
            new NoStore(),
            new TransferSlots(2, System::nanoTime),
            new Takeovers(System::nanoTime),
            deadlines,
            () -> ReceiverLimits.DEFAULT,
            log);
    listener =
        Listener.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), reception::serve);
  }

  @AfterEach
  void stop() throws IOException {
    listener.close();
    reception.close();
    deadlines.close();
  }

  @Test
  void closesAtOnceWhatComesBeyondItsBound() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < Reception.MAX_CONNECTIONS; i++) {
        sockets.add(connect());
      }
      await(Reception.MAX_CONNECTIONS);
      try (Socket more = connect()) {
        assertEnded(more);
      }
      assertEquals(
          new Reception.Counts(Reception.MAX_CONNECTIONS, Reception.MAX_CONNECTIONS, 1),
          reception.counts());
      sockets.remove(0).close();
      await(Reception.MAX_CONNECTIONS - 1);
      sockets.add(connect());
      await(Reception.MAX_CONNECTIONS);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void endsConversationsInWhichNothingHappensWhenItCloses() throws Exception {
    try (Socket silent = connect()) {
      await(1);
      reception.close();
      assertEquals(0, reception.counts().open());
      assertEnded(silent);
      try (Socket late = connect()) {
        assertEnded(late);
      }
    }
  }

  @Test
  void saysInOneSentenceThatAnAddressIsTaken() {
    IOException failure =
        assertThrows(IOException.class, () -> Listener.start(listener.address(), reception::serve));
    assertEquals(
        "cannot listen on " + listener + ": Address already in use (pifleet.listen)",
        failure.getMessage());
  }

  @Test
  void noLongerAcceptsOnceItIsClosed() throws Exception {
    assertTrue(listener.isAlive());
    listener.close();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (listener.isAlive() && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    assertFalse(listener.isAlive());
    assertThrows(IOException.class, this::connect);
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), listener.address().getPort());
  }

  private void await(int open) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (reception.counts().open() != open && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    assertEquals(open, reception.counts().open());
  }

  private static void assertEnded(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    try {
      assertEquals(-1, socket.getInputStream().read());
    } catch (SocketException e) {
      assertEquals("Connection reset", e.getMessage());
    }
  }
}
