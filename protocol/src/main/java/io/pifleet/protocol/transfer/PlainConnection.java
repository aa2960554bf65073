package io.pifleet.protocol.transfer;

import io.pifleet.linux.TcpSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * Bytes as they are, over TCP: a blocking {@link SocketChannel} on a platform thread, where one
 * {@code transferTo} is one sendfile(2) for the whole range. (On a virtual thread the socket would
 * silently be non-blocking.)
 */
public final class PlainConnection implements Connection {
  private final SocketChannel channel;
  private final SocketAddress remote;
  // Native calls go to a descriptor number: under this lock they cannot meet a closed one.
  private final Object descriptorLock = new Object();
  private TcpSocket tcp;

  /**
   * Takes a connected channel over, in blocking mode.
   *
   * @throws IOException if the channel is not connected, or not any more
   */
  public PlainConnection(SocketChannel channel) throws IOException {
    this.channel = channel;
    this.remote = channel.getRemoteAddress();
    channel.configureBlocking(true);
    // A message is one write already: waiting for more to fill a segment only adds delay.
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  /**
   * @throws IOException when there is no connection within {@code limit}; the message names the
   *     address
   */
  public static PlainConnection connect(InetSocketAddress address, Duration limit)
      throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.socket().connect(address, Math.toIntExact(limit.toMillis()));
      return new PlainConnection(channel);
    } catch (IOException e) {
      channel.close();
      throw new IOException("cannot connect to " + address + ": " + e.getMessage(), e);
    }
  }

  /**
   * Lets the kernel send no faster than this: pacing, without touching the bytes
   * (SO_MAX_PACING_RATE, socket(7), since Linux 3.13). Owner only.
   *
   * @throws IOException when the kernel does not take it
   */
  public void pace(long bytesPerSecond) throws IOException {
    synchronized (descriptorLock) {
      TcpSocket.of(channel).setMaxPacingBytesPerSecond(bytesPerSecond);
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return channel.read(target);
  }

  @Override
  public void write(ByteBuffer... sources) throws IOException {
    int first = 0;
    while (first < sources.length) {
      if (!sources[first].hasRemaining()) {
        first++;
      } else if (first == sources.length - 1) {
        channel.write(sources[first]);
      } else {
        channel.write(sources, first, sources.length - first);
      }
    }
  }

  @Override
  public long send(FileChannel file, long position, long count) throws IOException {
    return file.transferTo(position, count, channel);
  }

  @Override
  public void endOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void stop() {
    try {
      channel.shutdownOutput();
      channel.shutdownInput();
    } catch (IOException e) {
      // Closed or reset: there is nothing left to stop.
    }
  }

  @Override
  public long acknowledgedBytes() {
    synchronized (descriptorLock) {
      if (!channel.isOpen()) {
        return -1;
      }
      try {
        if (tcp == null) {
          tcp = TcpSocket.of(channel);
        }
        return tcp.info().bytesAcked();
      } catch (IOException e) {
        return -1; // without libc, or on a kernel without the field, nobody knows
      }
    }
  }

  @Override
  public SocketAddress remote() {
    return remote;
  }

  @Override
  public String transport() {
    return "plain";
  }

  @Override
  public void close() {
    synchronized (descriptorLock) {
      try {
        channel.close();
      } catch (IOException e) {
        // The descriptor is gone all the same (close(2)); what was sent is known by receipts only.
      }
    }
  }
}
