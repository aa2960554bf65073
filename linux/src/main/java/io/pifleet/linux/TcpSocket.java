package io.pifleet.linux;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * The options of tcp(7) and socket(7) that Java does not reach, on the socket of a channel.
 *
 * <p>A view that owns nothing and is not closed. The calls go to a descriptor number, so whoever
 * calls must be sure that the channel stays open until the call returns: call under the owner that
 * closes it, or a number that was closed and given to another socket is what gets the option. A
 * channel that is closed already is refused with {@link ClosedChannelException}.
 *
 * <p>Thread-safe as far as that holds. The setters do not round or clamp; the kernel does, so read
 * back what it made of a value.
 */
public final class TcpSocket {
  /** A pacing rate without limit. */
  public static final long UNPACED = -1;

  private static final int CONGESTION_NAME_BYTES = 16; // TCP_CA_NAME_MAX, net/tcp.h
  private static final long MAX_RATE = 0xffffffffL - 1;

  private final SocketChannel channel;
  private final int descriptor;

  private TcpSocket(SocketChannel channel, int descriptor) {
    this.channel = channel;
    this.descriptor = descriptor;
  }

  /**
   * A view of the channel's socket.
   *
   * @throws NativeLibraryException if libc cannot be reached through JNA
   * @throws ClosedChannelException if the channel is closed
   * @throws IOException if its descriptor cannot be found
   */
  public static TcpSocket of(SocketChannel channel) throws IOException {
    NativeLibraries.requireLibc();
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
    return new TcpSocket(channel, ChannelDescriptor.of(channel));
  }

  /** For tests of what is found without {@code --add-opens}. */
  static TcpSocket bySearch(SocketChannel channel) throws IOException {
    return new TcpSocket(channel, ChannelDescriptor.bySearch(channel));
  }

  /** SO_SNDBUF as the kernel keeps it: twice what was set, the half being for its bookkeeping. */
  public int sendBufferBytes() throws IOException {
    return getInt(LibC.SOL_SOCKET, LibC.SO_SNDBUF, "SO_SNDBUF");
  }

  /**
   * Turns the kernel's own tuning of this buffer off for good. Silently limited to {@code
   * net.core.wmem_max}.
   */
  public void setSendBufferBytes(int bytes) throws IOException {
    setInt(LibC.SOL_SOCKET, LibC.SO_SNDBUF, "SO_SNDBUF", bytes);
  }

  /** SO_RCVBUF as the kernel keeps it: twice what was set. */
  public int receiveBufferBytes() throws IOException {
    return getInt(LibC.SOL_SOCKET, LibC.SO_RCVBUF, "SO_RCVBUF");
  }

  /**
   * Turns the kernel's own tuning of this buffer off for good. Silently limited to {@code
   * net.core.rmem_max}.
   */
  public void setReceiveBufferBytes(int bytes) throws IOException {
    setInt(LibC.SOL_SOCKET, LibC.SO_RCVBUF, "SO_RCVBUF", bytes);
  }

  /** TCP_USER_TIMEOUT in milliseconds; 0 is the system's default. */
  public int userTimeoutMs() throws IOException {
    return getInt(LibC.IPPROTO_TCP, LibC.TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT");
  }

  /**
   * How long sent bytes may stay without acknowledgement, or written ones unsent because the peer
   * reads nothing, before the connection ends with ETIMEDOUT. It ends a live peer that stalls, too:
   * set more than its longest pause.
   */
  public void setUserTimeoutMs(int milliseconds) throws IOException {
    setInt(LibC.IPPROTO_TCP, LibC.TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT", milliseconds);
  }

  /** TCP_NOTSENT_LOWAT in bytes; -1 where the system's default holds and is without limit. */
  public int notSentLowatBytes() throws IOException {
    return getInt(LibC.IPPROTO_TCP, LibC.TCP_NOTSENT_LOWAT, "TCP_NOTSENT_LOWAT");
  }

  /** The socket takes no more from a writer while this many bytes wait to be sent for once. */
  public void setNotSentLowatBytes(int bytes) throws IOException {
    setInt(LibC.IPPROTO_TCP, LibC.TCP_NOTSENT_LOWAT, "TCP_NOTSENT_LOWAT", bytes);
  }

  /** TCP_CONGESTION: "cubic", "bbr", ... */
  public String congestionControl() throws IOException {
    byte[] name = new byte[CONGESTION_NAME_BYTES];
    int length = get(LibC.IPPROTO_TCP, LibC.TCP_CONGESTION, "TCP_CONGESTION", name);
    int end = 0;
    while (end < length && name[end] != 0) {
      end++;
    }
    return new String(name, 0, end, StandardCharsets.US_ASCII);
  }

  /**
   * Changes TCP_CONGESTION.
   *
   * @param name one of {@code net.ipv4.tcp_available_congestion_control}; one that is not in {@code
   *     net.ipv4.tcp_allowed_congestion_control} needs CAP_NET_ADMIN
   */
  public void setCongestionControl(String name) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length == 0 || bytes.length >= CONGESTION_NAME_BYTES) {
      throw new IllegalArgumentException(
          "congestion control is \"%s\"; wanted a name of 1 to %d characters"
              .formatted(name, CONGESTION_NAME_BYTES - 1));
    }
    set(LibC.IPPROTO_TCP, LibC.TCP_CONGESTION, "TCP_CONGESTION", bytes);
  }

  /**
   * SO_MAX_PACING_RATE in bytes per second, or {@link #UNPACED}. What is more than 32 bits hold (34
   * Gbit/s) reads as {@link #UNPACED}.
   */
  public long maxPacingBytesPerSecond() throws IOException {
    int rate = getInt(LibC.SOL_SOCKET, LibC.SO_MAX_PACING_RATE, "SO_MAX_PACING_RATE");
    return rate == -1 ? UNPACED : Integer.toUnsignedLong(rate);
  }

  /**
   * Limits the rate without touching the bytes: the kernel spaces the segments (by itself since
   * Linux 4.13, before that with the fq qdisc only).
   *
   * @param rate bytes per second from 1 up, or {@link #UNPACED}. Passed as 32 bits, which every
   *     kernel takes; more than they hold is no limit.
   */
  public void setMaxPacingBytesPerSecond(long rate) throws IOException {
    if (rate < 1 && rate != UNPACED) {
      throw new IllegalArgumentException("pacing rate is " + rate + "; wanted 1 or more, or -1");
    }
    setInt(
        LibC.SOL_SOCKET,
        LibC.SO_MAX_PACING_RATE,
        "SO_MAX_PACING_RATE",
        rate > MAX_RATE ? -1 : (int) rate);
  }

  /** TCP_INFO: how the connection does, as the kernel sees it. */
  public TcpInfo info() throws IOException {
    byte[] info = new byte[TcpInfo.MAX_BYTES];
    int length = get(LibC.IPPROTO_TCP, LibC.TCP_INFO, "TCP_INFO", info);
    return TcpInfo.parse(ByteBuffer.wrap(info, 0, length).order(ByteOrder.nativeOrder()));
  }

  private int getInt(int level, int option, String name) throws IOException {
    byte[] value = new byte[Integer.BYTES];
    get(level, option, name, value);
    return ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt();
  }

  private int get(int level, int option, String name, byte[] value) throws IOException {
    requireOpen();
    int[] length = {value.length};
    if (LibC.getsockopt(descriptor, level, option, value, length) == -1) {
      throw new NativeCallException("getsockopt(" + name + ")", Native.getLastError());
    }
    return length[0];
  }

  private void setInt(int level, int option, String name, int value) throws IOException {
    byte[] bytes = new byte[Integer.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putInt(value);
    set(level, option, name, bytes);
  }

  private void set(int level, int option, String name, byte[] value) throws IOException {
    requireOpen();
    if (LibC.setsockopt(descriptor, level, option, value, value.length) == -1) {
      int errno = Native.getLastError();
      throw new NativeCallException(
          "setsockopt(" + name + ")", errno, remedy(option, value, errno));
    }
  }

  private static String remedy(int option, byte[] value, int errno) {
    if (option == LibC.TCP_CONGESTION && errno == Errno.ENOENT) {
      return "no \"%s\" here: see net.ipv4.tcp_available_congestion_control"
          .formatted(new String(value, StandardCharsets.US_ASCII));
    }
    return errno == Errno.EPERM ? "needs CAP_NET_ADMIN" : "";
  }

  private void requireOpen() throws ClosedChannelException {
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
  }
}
