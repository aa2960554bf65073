package io.pifleet.daemon.control;

import io.pifleet.daemon.json.JsonOut;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The lines that answer one request. {@link #line} is for the verb's thread; the server's thread
 * sends signs of life in between. Thread-safe.
 */
public final class ControlReply {
  /** Bytes of one line; the client refuses longer ones. */
  static final int MAX_LINE_BYTES = 1 << 20;

  private static final byte[] SIGN_OF_LIFE = {'\n'};

  /** Fills one JSON object. */
  @FunctionalInterface
  public interface Body {
    /** Writes members; the braces are there. No member may be called {@code done}. */
    void write(JsonOut out) throws IOException;
  }

  private final SocketChannel channel;
  private final long writeLimitNanos;
  private final ReentrantLock writing = new ReentrantLock();
  private volatile boolean clientGone;

  ControlReply(SocketChannel channel, long writeLimitNanos) {
    this.channel = channel;
    this.writeLimitNanos = writeLimitNanos;
  }

  /**
   * Sends one JSON object on a line of its own.
   *
   * @throws IOException when the client is gone or does not read; the verb should end then
   */
  public void line(Body body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonOut out = new JsonOut(bytes)) {
      out.object();
      body.write(out);
      out.end();
    }
    if (bytes.size() > MAX_LINE_BYTES) {
      throw new IOException(
          "a reply line of " + bytes.size() + " bytes; at most " + MAX_LINE_BYTES + " are allowed");
    }
    writing.lock();
    try {
      write(ByteBuffer.wrap(bytes.toByteArray()));
    } finally {
      writing.unlock();
    }
  }

  /** Whether the client went away; known within a few seconds even when no line is sent. */
  public boolean isClientGone() {
    return clientGone;
  }

  /** The last line. */
  void done(int exit, String error) throws IOException {
    line(
        out -> {
          out.flag("done", true).number("exit", exit);
          if (error != null) {
            out.text("error", error);
          }
        });
  }

  /** Never blocks: while the verb writes, or the client does not read, no sign is needed. */
  void signOfLife() {
    if (!writing.tryLock()) {
      return;
    }
    try {
      channel.write(ByteBuffer.wrap(SIGN_OF_LIFE));
    } catch (IOException e) {
      clientGone = true;
    } finally {
      writing.unlock();
    }
  }

  void abandon() {
    clientGone = true;
  }

  private void write(ByteBuffer bytes) throws IOException {
    if (clientGone) {
      throw new IOException("the client is gone");
    }
    try {
      channel.write(bytes);
      if (bytes.hasRemaining()) {
        writeSlowly(bytes);
      }
    } catch (IOException e) {
      clientGone = true;
      throw e;
    }
  }

  /** The socket's buffer is full. */
  private void writeSlowly(ByteBuffer bytes) throws IOException {
    long deadline = System.nanoTime() + writeLimitNanos;
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_WRITE);
      while (bytes.hasRemaining()) {
        long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
        if (leftMillis <= 0) {
          throw new IOException("the client does not read");
        }
        selector.select(leftMillis);
        channel.write(bytes);
      }
    }
  }
}
