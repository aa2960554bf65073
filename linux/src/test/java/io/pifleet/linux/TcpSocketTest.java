package io.pifleet.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TcpSocketTest {
  private ServerSocketChannel listener;
  private SocketChannel client;
  private SocketChannel server;

  @BeforeEach
  void connect() throws IOException {
    listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0));
    client = SocketChannel.open(listener.getLocalAddress());
    server = listener.accept();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    listener.close();
  }

  @Test
  void kernelDoublesBufferSizes() throws IOException {
    TcpSocket socket = TcpSocket.of(client);
    socket.setSendBufferBytes(100_000);
    socket.setReceiveBufferBytes(90_000);
    assertEquals(200_000, socket.sendBufferBytes());
    assertEquals(180_000, socket.receiveBufferBytes());
  }

  @Test
  void kernelLimitsBufferSizesToTheSysctls() throws IOException {
    TcpSocket socket = TcpSocket.of(client);
    socket.setSendBufferBytes(1 << 30);
    socket.setReceiveBufferBytes(1 << 30);
    assertEquals(2 * sysctl("net/core/wmem_max"), socket.sendBufferBytes());
    assertEquals(2 * sysctl("net/core/rmem_max"), socket.receiveBufferBytes());
  }

  @Test
  void readsBackTimeoutLowWaterMarkAndPacing() throws IOException {
    TcpSocket socket = TcpSocket.of(client);
    assertEquals(0, socket.userTimeoutMs());
    socket.setUserTimeoutMs(120_000);
    assertEquals(120_000, socket.userTimeoutMs());
    socket.setNotSentLowatBytes(131_072);
    assertEquals(131_072, socket.notSentLowatBytes());
    assertEquals(TcpSocket.UNPACED, socket.maxPacingBytesPerSecond());
    socket.setMaxPacingBytesPerSecond(3_000_000_000L);
    assertEquals(3_000_000_000L, socket.maxPacingBytesPerSecond());
    socket.setMaxPacingBytesPerSecond(1L << 40);
    assertEquals(TcpSocket.UNPACED, socket.maxPacingBytesPerSecond());
    socket.setMaxPacingBytesPerSecond(250_000);
    socket.setMaxPacingBytesPerSecond(TcpSocket.UNPACED);
    assertEquals(TcpSocket.UNPACED, socket.maxPacingBytesPerSecond());
    assertThrows(IllegalArgumentException.class, () -> socket.setMaxPacingBytesPerSecond(0));
  }

  @Test
  void namesTheCongestionControl() throws IOException {
    TcpSocket socket = TcpSocket.of(client);
    assertEquals(
        Files.readString(Path.of("/proc/sys/net/ipv4/tcp_congestion_control")).strip(),
        socket.congestionControl());
    socket.setCongestionControl("reno"); // compiled into every kernel
    assertEquals("reno", socket.congestionControl());
  }

  @Test
  void saysWhereToLookForAnUnknownCongestionControl() throws IOException {
    TcpSocket socket = TcpSocket.of(client);
    NativeCallException e =
        assertThrows(NativeCallException.class, () -> socket.setCongestionControl("none-such"));
    assertEquals("setsockopt(TCP_CONGESTION)", e.call());
    assertEquals(Errno.ENOENT, e.errno());
    assertEquals(
        "setsockopt(TCP_CONGESTION): ENOENT (No such file or directory); no \"none-such\" here: see"
            + " net.ipv4.tcp_available_congestion_control",
        e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> socket.setCongestionControl(""));
    assertThrows(IllegalArgumentException.class, () -> socket.setCongestionControl("x".repeat(16)));
  }

  @Test
  void refusesAValueThatTheKernelRefuses() throws IOException {
    TcpSocket socket = TcpSocket.of(client);
    NativeCallException e =
        assertThrows(NativeCallException.class, () -> socket.setUserTimeoutMs(-1));
    assertEquals("setsockopt(TCP_USER_TIMEOUT): EINVAL (Invalid argument)", e.getMessage());
  }

  @Test
  void bytesAckedIsWhatWasSentOnceThePeerHasReadAll() throws IOException {
    int bytes = 3_000_000;
    assertEquals(bytes, acknowledged(client, server, bytes));
    assertEquals(bytes, TcpSocket.of(server).info().bytesReceived());
    assertEquals(bytes / 2, acknowledged(server, client, bytes / 2));
  }

  @Test
  void countsWhatThePeerHasNotTaken() throws IOException {
    TcpSocket.of(server).setReceiveBufferBytes(4_096);
    client.configureBlocking(false);
    ByteBuffer chunk = ByteBuffer.allocateDirect(65_536);
    long written = 0;
    int count;
    while ((count = client.write(chunk.clear())) > 0) {
      written += count;
    }
    TcpInfo info = TcpSocket.of(client).info();
    assertTrue(info.bytesAcked() < written, info.toString());
    assertTrue(info.notSentBytes() > 0, info.toString());
    assertTrue(info.notSentBytes() <= written - info.bytesAcked(), info.toString());
  }

  @Test
  void fillsTheFieldsOfAConnectionInUse() throws IOException {
    acknowledged(client, server, 1_000_000);
    TcpInfo info = TcpSocket.of(client).info();
    assertEquals(TcpInfo.ESTABLISHED, info.state());
    assertTrue(info.established());
    assertTrue(info.rttMicros() > 0, info.toString());
    assertTrue(info.minRttMicros() >= 0 && info.minRttMicros() <= 60_000_000, info.toString());
    assertTrue(info.pathMtu() >= 16_384, info.toString()); // lo
    assertTrue(info.sendSegmentBytes() > 0, info.toString());
    assertTrue(info.congestionWindowSegments() > 0, info.toString());
    assertTrue(info.deliveryRateBytesPerSecond() > 0, info.toString());
    assertTrue(info.busyMicros() >= 0, info.toString());
    assertTrue(info.totalRetransmits() >= 0, info.toString());
    assertEquals(0, info.unackedSegments());
    assertEquals(0, info.notSentBytes());
    assertEquals(1_000_000, info.bytesSent() - info.bytesRetransmitted());
  }

  @Test
  void showsThatThePeerHasClosed() throws IOException {
    TcpSocket socket = TcpSocket.of(client);
    server.close();
    Deadline deadline = new Deadline();
    while (socket.info().state() == TcpInfo.ESTABLISHED) {
      deadline.check("the state to leave ESTABLISHED");
    }
    assertEquals(TcpInfo.CLOSE_WAIT, socket.info().state());
  }

  @Test
  void findsTheSameDescriptorByAccessorAndBySearch() throws IOException {
    assertEquals(ChannelDescriptor.of(client), ChannelDescriptor.bySearch(client));
    assertEquals(ChannelDescriptor.of(server), ChannelDescriptor.bySearch(server));
    TcpSocket searched = TcpSocket.bySearch(client);
    searched.setUserTimeoutMs(4_711);
    assertEquals(4_711, TcpSocket.of(client).userTimeoutMs());
    assertEquals(0, TcpSocket.of(server).userTimeoutMs());
  }

  @Test
  void findsDescriptorsOfIpv6ConnectionsBySearch() throws IOException {
    byte[] ipv6Loopback = new byte[16];
    ipv6Loopback[15] = 1;
    try (ServerSocketChannel listener6 = ServerSocketChannel.open()) {
      listener6.bind(new InetSocketAddress(InetAddress.getByAddress(ipv6Loopback), 0));
      try (SocketChannel client6 = SocketChannel.open(listener6.getLocalAddress());
          SocketChannel server6 = listener6.accept()) {
        assertEquals(ChannelDescriptor.of(client6), ChannelDescriptor.bySearch(client6));
        assertEquals(ChannelDescriptor.of(server6), ChannelDescriptor.bySearch(server6));
      }
    }
  }

  @Test
  void searchRefusesASocketThatIsNotConnected() throws IOException {
    try (SocketChannel unconnected = SocketChannel.open()) {
      IOException e =
          assertThrows(IOException.class, () -> ChannelDescriptor.bySearch(unconnected));
      assertTrue(e.getMessage().contains("--add-opens"), e.getMessage());
      // the accessor needs no connection: options can be set before connect
      TcpSocket.of(unconnected).setUserTimeoutMs(1_000);
    }
  }

  @Test
  void refusesAClosedChannel() throws IOException {
    TcpSocket socket = TcpSocket.of(client);
    client.close();
    assertFalse(client.isOpen());
    assertThrows(ClosedChannelException.class, socket::info);
    assertThrows(ClosedChannelException.class, () -> socket.setSendBufferBytes(10_000));
    assertThrows(ClosedChannelException.class, () -> TcpSocket.of(client));
    assertThrows(ClosedChannelException.class, () -> TcpSocket.bySearch(client));
  }

  /** Sends, reads, and waits until nothing is in flight; the sender's bytesAcked. */
  private static long acknowledged(SocketChannel from, SocketChannel to, int bytes)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(10_000);
    for (int left = bytes; left > 0; ) {
      chunk.clear().limit(Math.min(chunk.capacity(), left));
      left -= chunk.remaining();
      while (chunk.hasRemaining()) {
        from.write(chunk);
      }
      chunk.flip();
      while (chunk.hasRemaining()) {
        to.read(chunk);
      }
    }
    TcpSocket socket = TcpSocket.of(from);
    Deadline deadline = new Deadline();
    TcpInfo info = socket.info();
    while (info.unackedSegments() > 0) {
      deadline.check("the last acknowledgement");
      info = socket.info();
    }
    return info.bytesAcked();
  }

  private static int sysctl(String name) throws IOException {
    // Not readString: it asks for one byte first, and the kernel gives an integer's first digit and
    // then the end of the file.
    try (BufferedReader file = Files.newBufferedReader(Path.of("/proc/sys").resolve(name))) {
      return Integer.parseInt(file.readLine());
    }
  }

  private static final class Deadline {
    private final long endNanos = System.nanoTime() + 10_000_000_000L;

    void check(String awaited) throws IOException {
      if (System.nanoTime() - endNanos > 0) {
        throw new IOException("waited 10 s for " + awaited);
      }
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        throw new IOException("interrupted", e);
      }
    }
  }
}
