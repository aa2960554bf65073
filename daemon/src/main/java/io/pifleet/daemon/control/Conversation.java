package io.pifleet.daemon.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One client of the {@link ControlServer}: its request until it is complete, then its reply. The
 * request side belongs to the server's thread; {@link #close} may come from any.
 */
final class Conversation {
  private static final int FIRST_BUFFER_BYTES = 1 << 10;

  private final SocketChannel channel;
  private final ControlReply reply;
  private final long requestDeadlineNanos;
  private ByteBuffer request = ByteBuffer.allocate(FIRST_BUFFER_BYTES);
  private boolean requested;
  private long nextSignNanos;

  Conversation(SocketChannel channel, ControlLimits limits, long nowNanos) {
    this.channel = channel;
    this.reply = new ControlReply(channel, limits.write().toNanos());
    this.requestDeadlineNanos = nowNanos + limits.request().toNanos();
    this.nextSignNanos = nowNanos + limits.signOfLife().toNanos();
  }

  SocketChannel channel() {
    return channel;
  }

  ControlReply reply() {
    return reply;
  }

  /**
   * Reads what is there.
   *
   * @return null while the request is not complete; its end is a line end, or the end of the stream
   * @throws IOException when it is too long, or no request; {@link Gone} when there is nobody to
   *     tell
   */
  ControlRequest read() throws IOException {
    int count;
    try {
      count = channel.read(request);
    } catch (IOException e) {
      throw new Gone(e);
    }
    if (count < 0 && request.position() == 0) {
      throw new Gone(null);
    }
    int end = lineEnd();
    if (end >= 0 || count < 0) {
      requested = true;
      int length = end >= 0 ? end : request.position();
      String line = new String(request.array(), 0, length, StandardCharsets.UTF_8);
      request = null; // a verb may run for hours
      return ControlRequest.parse(line);
    }
    if (!request.hasRemaining()) {
      grow();
    }
    return null;
  }

  boolean isLate(long nowNanos) {
    return !requested && nowNanos - requestDeadlineNanos >= 0;
  }

  /** From the server's thread: an empty line, when one is due. */
  void signOfLife(long nowNanos, long everyNanos) {
    if (requested && nowNanos - nextSignNanos >= 0) {
      nextSignNanos = nowNanos + everyNanos;
      reply.signOfLife();
    }
  }

  void close() {
    reply.abandon();
    try {
      channel.close();
    } catch (IOException e) {
      // closed for the client either way; there is nobody left to tell
    }
  }

  private int lineEnd() {
    byte[] bytes = request.array();
    for (int i = 0; i < request.position(); i++) {
      if (bytes[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private void grow() throws IOException {
    if (request.capacity() >= ControlRequest.MAX_BYTES) {
      throw new IOException("a request of more than " + ControlRequest.MAX_BYTES + " bytes");
    }
    int length = request.position();
    int capacity = Math.min(request.capacity() * 4, ControlRequest.MAX_BYTES);
    request = ByteBuffer.wrap(Arrays.copyOf(request.array(), capacity)).position(length);
  }

  /** The client went away before it asked for anything. */
  static final class Gone extends IOException {
    private static final long serialVersionUID = 1L;

    Gone(IOException cause) {
      super("the client is gone", cause);
    }
  }
}
