package io.pifleet.protocol.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between a device and a collector on loopback and does to their bytes what networks do:
 * cuts, resets, delays, throttles, corrupts, holds, each at a given byte of a given direction.
 * Thread-safe.
 */
public final class FaultProxy implements Closeable {
  /** From the side that connected, or to it. */
  public enum Direction {
    TO_SERVER,
    TO_CLIENT
  }

  /** What happens. */
  public enum Kind {
    /** Both directions end in order (FIN); what comes afterwards is dropped. */
    CUT,
    /** Both sides get a RST. */
    RESET,
    /** Bit 0 of the byte is flipped. */
    CORRUPT,
    /** A pause of {@link Fault#amount} milliseconds. */
    DELAY,
    /** From here on {@link Fault#amount} bytes a second. */
    THROTTLE,
    /** From here on nothing of this direction is read or forwarded; the connection stays open. */
    HOLD
  }

  /**
   * @param at number of bytes that pass before it happens; of {@link Kind#CORRUPT}, the index of
   *     the byte
   */
  public record Fault(Direction direction, long at, Kind kind, long amount) {
    public static Fault cut(Direction direction, long at) {
      return new Fault(direction, at, Kind.CUT, 0);
    }

    public static Fault reset(Direction direction, long at) {
      return new Fault(direction, at, Kind.RESET, 0);
    }

    public static Fault corrupt(Direction direction, long at) {
      return new Fault(direction, at, Kind.CORRUPT, 0);
    }

    public static Fault delay(Direction direction, long at, long millis) {
      return new Fault(direction, at, Kind.DELAY, millis);
    }

    public static Fault throttle(Direction direction, long at, long bytesPerSecond) {
      return new Fault(direction, at, Kind.THROTTLE, bytesPerSecond);
    }

    public static Fault hold(Direction direction, long at) {
      return new Fault(direction, at, Kind.HOLD, 0);
    }
  }

  private static final int CHUNK_BYTES = 16 << 10;

  private final ServerSocket server;
  private final InetSocketAddress target;
  private final ConcurrentLinkedQueue<List<Fault>> plans = new ConcurrentLinkedQueue<>();
  private final List<Link> links = new CopyOnWriteArrayList<>();

  /** Listens on a free port of loopback. */
  public FaultProxy(InetSocketAddress target) throws IOException {
    this.target = target;
    server = new ServerSocket();
    server.setReceiveBufferSize(CHUNK_BYTES); // a slow link must be felt, not swallowed by a buffer
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    start("proxy-accept", this::accept);
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
  }

  /** For the next connection that has no plan yet. Connections without a plan pass untouched. */
  public void plan(Fault... faults) {
    plans.add(List.of(faults));
  }

  /** How many connections were accepted. */
  public int connections() {
    return links.size();
  }

  /** Bytes that passed on connection {@code index}, counted from 0. */
  public long bytes(int index, Direction direction) {
    return links.get(index).passed(direction).get();
  }

  /** Ends every connection with a RST and listens no more. */
  @Override
  public void close() throws IOException {
    server.close();
    for (Link link : links) {
      link.reset();
    }
  }

  private void accept() {
    while (true) {
      try {
        Socket client = server.accept();
        List<Fault> plan = plans.poll();
        Link link = new Link(client, plan == null ? List.of() : plan);
        links.add(link);
        link.start();
      } catch (IOException e) {
        if (server.isClosed()) {
          return;
        }
      }
    }
  }

  private static void start(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  private final class Link {
    private final Socket client;
    private final Socket upstream = new Socket();
    private final List<Fault> plan;
    private final AtomicLong toServer = new AtomicLong();
    private final AtomicLong toClient = new AtomicLong();
    private volatile boolean cut;

    Link(Socket client, List<Fault> plan) {
      this.client = client;
      this.plan = plan;
    }

    AtomicLong passed(Direction direction) {
      return direction == Direction.TO_SERVER ? toServer : toClient;
    }

    void start() {
      FaultProxy.start("proxy-link", this::connectAndPump);
    }

    private void connectAndPump() {
      try {
        upstream.connect(target, 5000);
        client.setTcpNoDelay(true);
        upstream.setTcpNoDelay(true);
      } catch (IOException e) {
        reset();
        return;
      }
      FaultProxy.start("proxy-to-client", () -> pump(upstream, client, Direction.TO_CLIENT));
      pump(client, upstream, Direction.TO_SERVER);
    }

    private void pump(Socket from, Socket to, Direction direction) {
      List<Fault> faults = new ArrayList<>();
      for (Fault fault : plan) {
        if (fault.direction() == direction) {
          faults.add(fault);
        }
      }
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        byte[] chunk = new byte[CHUNK_BYTES];
        AtomicLong count = passed(direction);
        long bytesPerSecond = 0;
        while (true) {
          int most = chunk.length;
          while (!faults.isEmpty() && faults.get(0).at() <= count.get()) {
            Fault due = faults.get(0);
            if (due.kind() == Kind.CORRUPT) {
              most = 1;
              break;
            }
            faults.remove(0);
            if (due.kind() == Kind.THROTTLE) {
              bytesPerSecond = due.amount();
            } else if (!happen(due)) {
              return;
            }
          }
          if (most > 1 && !faults.isEmpty()) {
            most = (int) Math.min(most, faults.get(0).at() - count.get());
          }
          if (bytesPerSecond > 0) {
            most = (int) Math.max(1, Math.min(most, bytesPerSecond / 20));
          }
          int read = in.read(chunk, 0, most);
          if (read < 0) {
            break;
          }
          if (cut) {
            continue; // dropped
          }
          if (!faults.isEmpty()
              && faults.get(0).kind() == Kind.CORRUPT
              && faults.get(0).at() == count.get()) {
            chunk[0] ^= 1;
            faults.remove(0);
          }
          out.write(chunk, 0, read);
          count.addAndGet(read);
          if (bytesPerSecond > 0) {
            pause(read * 1000L / bytesPerSecond);
          }
        }
        to.shutdownOutput();
      } catch (IOException e) {
        if (!cut) {
          reset(); // one side has gone in disorder: so does the other
        }
      }
    }

    /** False when this direction is over. */
    private boolean happen(Fault fault) throws IOException {
      switch (fault.kind()) {
        case CUT -> {
          cut = true;
          client.shutdownOutput();
          upstream.shutdownOutput();
        }
        case RESET -> {
          reset();
          return false;
        }
        case DELAY -> pause(fault.amount());
        case HOLD -> {
          return false;
        }
        default -> throw new IllegalStateException("not for here: " + fault);
      }
      return true;
    }

    void reset() {
      for (Socket socket : List.of(client, upstream)) {
        try {
          socket.setSoLinger(true, 0);
          socket.close();
        } catch (IOException e) {
          // It is closed already.
        }
      }
    }
  }

  /** A pause is what is being simulated here, not a wait for something to happen. */
  private static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
