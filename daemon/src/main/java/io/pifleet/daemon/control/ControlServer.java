package io.pifleet.daemon.control;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on the control socket and runs verbs. One line of JSON asks, lines of JSON answer, the
 * last one says how it went:
 *
 * <pre>
 * {"verb":"status","args":{}}
 *                                        {"device":"pi-kitchen-3fa9c1",...}
 *                                        {"done":true,"exit":0}
 * {"verb":"seal"}
 *                                        {"done":true,"exit":1,"error":"the spool is full"}
 * </pre>
 *
 * <p>Who may ask is decided by the socket's mode, 0660. The thread {@code control} accepts, reads
 * requests and sends signs of life; every running verb has a thread {@code control-N}. An idle
 * server sleeps.
 */
public final class ControlServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

  /** How often deadlines are looked at while there are clients. */
  private static final long TICK_MILLIS = 500;

  /** Out of descriptors, the client stays acceptable and select returns at once. */
  private static final long AFTER_FAILED_ACCEPT_NANOS = 1_000_000_000;

  private static final long STOP_MILLIS = 1_000;

  private final Path socket;
  private final Map<String, ControlVerb> verbs;
  private final ControlLimits limits;
  private final ServerSocketChannel listener;
  private final Selector selector;
  private final Set<Conversation> conversations = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean closing;
  private int verbsStarted;

  private ControlServer(
      Path socket, String daemon, Map<String, ControlVerb> verbs, ControlLimits limits)
      throws IOException {
    this.socket = socket;
    this.verbs = new TreeMap<>(verbs);
    this.limits = limits;
    listener = ControlSocket.bind(socket, daemon);
    try {
      selector = Selector.open();
      listener.register(selector, SelectionKey.OP_ACCEPT);
    } catch (IOException e) {
      listener.close();
      throw e;
    }
    thread = new Thread(this::serve, "control");
    thread.setDaemon(true);
  }

  /**
   * Binds the socket, whose directory exists, and starts.
   *
   * @param daemon the daemon's name for messages: {@code pifleet-agent}
   * @param verbs by name
   * @throws IOException when another daemon listens there, the path is too long (107 bytes), or the
   *     socket cannot be made
   */
  public static ControlServer start(Path socket, String daemon, Map<String, ControlVerb> verbs)
      throws IOException {
    return start(socket, daemon, verbs, ControlLimits.DEFAULT);
  }

  static ControlServer start(
      Path socket, String daemon, Map<String, ControlVerb> verbs, ControlLimits limits)
      throws IOException {
    ControlServer server = new ControlServer(socket, daemon, verbs, limits);
    server.thread.start();
    return server;
  }

  private void serve() {
    try (selector;
        listener) {
      while (!closing) {
        selector.select(conversations.isEmpty() ? 0 : tickMillis());
        for (SelectionKey key : selector.selectedKeys()) {
          serve(key);
        }
        selector.selectedKeys().clear();
        lookAtDeadlines(System.nanoTime());
      }
    } catch (IOException e) {
      LOG.error("the control socket {} is lost: status, seal and upload do not work", socket, e);
    } finally {
      conversations.forEach(Conversation::close);
    }
  }

  private long tickMillis() {
    return Math.min(TICK_MILLIS, Math.max(1, limits.request().toMillis() / 2));
  }

  private void serve(SelectionKey key) throws IOException {
    if (!key.isValid()) {
      return;
    }
    if (key.isAcceptable()) {
      accept();
    } else if (key.attachment() instanceof Conversation conversation) {
      read(key, conversation);
    }
  }

  private void accept() throws IOException {
    SocketChannel channel;
    try {
      channel = listener.accept();
    } catch (IOException e) {
      LOG.warn("cannot accept a client of the control socket: {}", e.getMessage());
      LockSupport.parkNanos(AFTER_FAILED_ACCEPT_NANOS);
      return;
    }
    if (channel == null) {
      return;
    }
    channel.configureBlocking(false);
    Conversation conversation = new Conversation(channel, limits, System.nanoTime());
    if (conversations.size() >= limits.clients()) {
      refuse(conversation, limits.clients() + " clients are being served, try again later", 1);
      return;
    }
    conversations.add(conversation);
    channel.register(selector, SelectionKey.OP_READ, conversation);
  }

  private void read(SelectionKey key, Conversation conversation) {
    try {
      ControlRequest request = conversation.read();
      if (request == null) {
        return;
      }
      // No longer read: the end of the stream would be reported again and again, and it means no
      // more
      // than that the client has asked for all it wants.
      key.cancel();
      ControlVerb verb = verbs.get(request.verb());
      if (verb == null) {
        String known = String.join(", ", verbs.keySet());
        refuse(conversation, "unknown verb; known here: " + known, 2);
        return;
      }
      Thread worker =
          new Thread(() -> run(verb, request, conversation), "control-" + ++verbsStarted);
      worker.setDaemon(true);
      worker.start();
    } catch (Conversation.Gone e) {
      end(conversation);
    } catch (IOException e) {
      refuse(conversation, e.getMessage(), 2);
    }
  }

  /** On the verb's thread. */
  private void run(ControlVerb verb, ControlRequest request, Conversation conversation) {
    ControlReply reply = conversation.reply();
    try {
      int exit = 0;
      String error = null;
      try {
        verb.run(request, reply);
      } catch (ControlFailedException e) {
        exit = e.exit();
        error = e.getMessage();
      } catch (Exception e) {
        if (reply.isClientGone()) {
          LOG.debug("the client that asked for {} is gone", request.verb());
          return;
        }
        LOG.warn("{} failed", request.verb(), e);
        exit = 1;
        error = request.verb() + " failed: " + e;
      }
      reply.done(exit, error);
    } catch (IOException e) {
      LOG.debug("the client that asked for {} did not wait for the end", request.verb());
    } finally {
      end(conversation);
    }
  }

  private void lookAtDeadlines(long nowNanos) {
    for (Conversation conversation : conversations) {
      if (conversation.isLate(nowNanos)) {
        refuse(conversation, "no request came within " + limits.request().toSeconds() + " s", 2);
      } else {
        conversation.signOfLife(nowNanos, limits.signOfLife().toNanos());
      }
    }
  }

  /** On the server's thread; the socket's buffer is still empty, so this does not wait. */
  private void refuse(Conversation conversation, String error, int exit) {
    try {
      conversation.reply().done(exit, error);
    } catch (IOException e) {
      LOG.debug("a client did not wait to hear: {}", error);
    }
    end(conversation);
  }

  private void end(Conversation conversation) {
    conversations.remove(conversation);
    conversation.close();
    selector.wakeup(); // a channel that a selector knows is closed at its next select
  }

  /**
   * Stops listening, removes the socket's file and leaves the clients; their verbs end when they
   * next write. May be called more than once.
   */
  @Override
  public void close() {
    if (closing) {
      return;
    }
    closing = true;
    selector.wakeup();
    try {
      thread.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.debug("{} stays; the next start replaces it", socket, e);
    }
  }
}
