package io.pifleet.collector.receive;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts connections on one address, on the thread {@code accept-PORT}, until it is closed. */
public final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  /** Connections that the kernel keeps until they are accepted; it caps this at somaxconn. */
  private static final int BACKLOG = 1024;

  /** Out of descriptors, accept(2) fails at once as long as somebody waits. */
  private static final long AFTER_FAILURE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ServerSocketChannel channel;
  private final InetSocketAddress address;
  private final Consumer<SocketChannel> taker;
  private final Thread thread;

  private Listener(ServerSocketChannel channel, Consumer<SocketChannel> taker) throws IOException {
    this.channel = channel;
    this.taker = taker;
    address = (InetSocketAddress) channel.getLocalAddress();
    thread = new Thread(this::accept, "accept-" + address.getPort());
    thread.setDaemon(true);
  }

  /**
   * Binds an address and starts.
   *
   * @param taker owns what it is given; must not block
   * @throws IOException in one sentence, when the address cannot be listened on
   */
  public static Listener start(InetSocketAddress wanted, Consumer<SocketChannel> taker)
      throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    Listener listener = null;
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(wanted, BACKLOG);
      listener = new Listener(channel, taker);
      listener.thread.start();
      return listener;
    } catch (BindException e) {
      throw new IOException(
          "cannot listen on " + text(wanted) + ": " + e.getMessage() + " (pifleet.listen)", e);
    } finally {
      if (listener == null) {
        channel.close();
      }
    }
  }

  /** What it is bound to, with the port that was chosen for port 0. */
  public InetSocketAddress address() {
    return address;
  }

  /** Whether it still accepts. */
  public boolean isAlive() {
    return thread.isAlive();
  }

  private void accept() {
    boolean failing = false;
    while (channel.isOpen()) {
      try {
        SocketChannel accepted = channel.accept();
        failing = false;
        taker.accept(accepted);
      } catch (ClosedChannelException e) {
        return; // closed: that is how it ends
      } catch (IOException e) {
        if (!failing) {
          LOG.warn("cannot accept on {}: {}", this, e.getMessage());
        }
        failing = true;
        LockSupport.parkNanos(AFTER_FAILURE_NANOS);
      }
    }
  }

  /** Stops listening; what was accepted goes on. Idempotent. */
  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** {@code [::]:7433}. */
  @Override
  public String toString() {
    return text(address);
  }
}
