package io.pifleet.daemon.control;

import io.pifleet.daemon.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Asks the daemon of this machine. Keeps nothing open between calls. Thread-safe. */
public final class ControlClient {
  private static final String DONE = "{\"done\":";

  /** Takes the lines of a reply as they arrive. */
  @FunctionalInterface
  public interface Lines {
    /**
     * @param json one JSON object, without the line end; {@link JsonObject#parse} reads it
     */
    void line(String json) throws IOException;
  }

  private final Path socket;
  private final String daemon;
  private final Duration silenceLimit;

  /**
   * @param socket the daemon's {@code control.sock}
   * @param daemon its name for messages: {@code pifleet-agent}
   */
  public ControlClient(Path socket, String daemon) {
    this(socket, daemon, ControlLimits.DEFAULT.signOfLife().multipliedBy(3));
  }

  ControlClient(Path socket, String daemon, Duration silenceLimit) {
    this.socket = socket;
    this.daemon = daemon;
    this.silenceLimit = silenceLimit;
  }

  /**
   * Sends a request and hands on the reply until it is complete, however long that takes while the
   * daemon shows signs of life.
   *
   * @throws NoDaemonException when none runs, or this user may not talk to it
   * @throws ControlFailedException when the daemon could not do it
   */
  public void call(String verb, Map<String, String> args, Lines lines) throws IOException {
    byte[] request = new ControlRequest(verb, args).bytes();
    try (SocketChannel channel = connect();
        Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
      IOException unsent = send(channel, selector, ByteBuffer.wrap(request));
      key.interestOps(SelectionKey.OP_READ);
      try {
        readReply(channel, selector, lines);
      } catch (IOException e) {
        if (unsent != null) {
          e.addSuppressed(unsent);
        }
        throw e;
      }
    }
  }

  /**
   * Sends the request.
   *
   * @return null, or the failure: a daemon that has too many clients says so and closes before it
   *     has read anything, and what it said is still there to be read
   */
  private IOException send(SocketChannel channel, Selector selector, ByteBuffer request)
      throws IOException {
    while (request.hasRemaining()) {
      await(selector);
      try {
        channel.write(request);
      } catch (IOException e) {
        return e;
      }
    }
    return null;
  }

  private void readReply(SocketChannel channel, Selector selector, Lines lines) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(8 << 10);
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    while (true) {
      await(selector);
      read(channel, chunk);
      chunk.flip();
      while (chunk.hasRemaining()) {
        byte next = chunk.get();
        if (next != '\n') {
          line.write(next);
        } else if (line.size() > 0 && isLast(line.toString(StandardCharsets.UTF_8), lines)) {
          return;
        } else {
          line.reset(); // an empty line is a sign of life
        }
      }
      chunk.clear();
      if (line.size() > ControlReply.MAX_LINE_BYTES) {
        throw new IOException(
            daemon + " sent a line of more than " + ControlReply.MAX_LINE_BYTES + " bytes");
      }
    }
  }

  private void read(SocketChannel channel, ByteBuffer chunk) throws IOException {
    String gone = daemon + " went away before its answer was complete";
    int count;
    try {
      count = channel.read(chunk);
    } catch (IOException e) { // ECONNRESET: it ended without having read the request
      throw new IOException(gone, e);
    }
    if (count < 0) {
      throw new IOException(gone);
    }
  }

  private static boolean isLast(String line, Lines lines) throws IOException {
    if (!line.startsWith(DONE)) {
      lines.line(line);
      return false;
    }
    JsonObject end = JsonObject.parse(line);
    int exit = Math.toIntExact(end.number("exit", 1));
    if (exit != 0) {
      throw new ControlFailedException(end.text("error", "failed without saying why"), exit);
    }
    return true;
  }

  private void await(Selector selector) throws IOException {
    if (selector.select(silenceLimit.toMillis()) == 0) {
      throw new IOException(
          daemon + " does not answer: silent for " + silenceLimit.toSeconds() + " s");
    }
    selector.selectedKeys().clear();
  }

  private SocketChannel connect() throws IOException {
    ControlSocket.checkLength(socket);
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      // Non-blocking: a daemon that hangs with a full backlog gives EAGAIN, not an endless wait.
      channel.configureBlocking(false);
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw explained(e);
    }
  }

  private IOException explained(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    if (message.contains("Permission denied")) {
      return new NoDaemonException(
          socket
              + ": permission denied; run this as root, or as a member of the group of "
              + daemon,
          failure);
    }
    if (failure instanceof ConnectException || message.contains("No such file or directory")) {
      return new NoDaemonException(
          "no " + daemon + " runs here (nothing listens on " + socket + ")", failure);
    }
    if (ControlSocket.isBacklogFull(failure)) {
      return new IOException(daemon + " does not answer: too many clients wait for it", failure);
    }
    return failure;
  }
}
