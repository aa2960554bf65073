package io.pifleet.protocol.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Bytes in both directions between a device and a collector: the seam at which another transport
 * (TLS) comes in without the conversation knowing.
 *
 * <p>One thread owns a connection: it alone reads, writes, sends and closes. {@link #stop} and
 * {@link #acknowledgedBytes} may be called by any thread at any time.
 *
 * <p>A connection is ended by {@link #stop}, waiting for the owner to leave its call, and {@link
 * #close} by the owner, in this order: on JDK 17, closing a socket that another thread sends on
 * leaves the sendfile(2) running on a descriptor number that the next socket gets.
 */
public interface Connection extends Closeable {
  /**
   * Reads some bytes; blocks until there is at least one.
   *
   * @return number of bytes, or -1 at the end of the stream or once stopped
   */
  int read(ByteBuffer target) throws IOException;

  /** Writes all that remains of {@code sources}, in order, in as few calls as possible. */
  void write(ByteBuffer... sources) throws IOException;

  /**
   * Sends a range of a file, in one {@code transferTo}.
   *
   * @return bytes handed to the transport; fewer than {@code count} means that the file is shorter
   *     or that the connection has ended, never "call again"
   */
  long send(FileChannel file, long position, long count) throws IOException;

  /** Tells the peer that nothing more will be written; reading goes on. Owner only. */
  void endOutput() throws IOException;

  /**
   * Ends both directions: a blocked call of the owner returns or throws. Any thread; may be called
   * more than once, and after {@link #close}; does not block; closes nothing.
   */
  void stop();

  /**
   * Bytes of this side that the peer's kernel has acknowledged ({@code tcpi_bytes_acked}), -1 when
   * unknown or closed. Any thread.
   */
  long acknowledgedBytes();

  SocketAddress remote();

  /** What carries the bytes, for people: {@code plain}. */
  String transport();

  @Override
  void close();
}
