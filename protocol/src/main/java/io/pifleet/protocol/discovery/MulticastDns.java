package io.pifleet.protocol.discovery;

import io.pifleet.protocol.DeviceId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces this machine's services on the local network and finds those of others, over all chosen
 * interfaces, whatever happens to the interfaces.
 *
 * <p>Every {@value #POLL_MS} ms the interfaces are looked at; one JmDNS instance per chosen
 * interface is kept, and replaced when its address changes or it fails. Where multicast does not
 * work this keeps trying, and {@link #status()} says what is in the way.
 *
 * <p>Thread-safe. It owns the thread {@code discovery}, on which listeners are called, and per
 * interface JmDNS's threads {@code mdns-IFACE}, {@code mdns-IFACE-answer}, {@code
 * mdns-IFACE-announce}, and {@code mdns-IFACE-open} and {@code -close} while that goes on.
 *
 * <p>JmDNS logs under {@code javax.jmdns}. Strangers' packets make it log warnings with stack
 * traces: set that logger to ERROR.
 */
public final class MulticastDns implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MulticastDns.class);

  /** The longest that {@link #close()} takes, in milliseconds. */
  public static final long MAX_CLOSE_MS = 3_000;

  private static final long POLL_MS = 3_000;
  private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(POLL_MS);
  // The records of one packet, and of one burst of packets, are looked at together.
  private static final long GATHER_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long CLOSE_NS = TimeUnit.MILLISECONDS.toNanos(MAX_CLOSE_MS - 200);
  private static final int MAX_LISTENERS = 16;
  private static final int MAX_NAME_IN_LABEL =
      63 - "-ffff-255-255-255-255".length(); // RFC 1035, section 2.3.4

  static {
    // How long others remember us after a crash; JmDNS's 3,600 s is an hour of trying in vain.
    // JmDNS reads it once, when its first class is loaded, which is after this.
    if (System.getProperty("net.dns.ttl") == null) {
      System.setProperty("net.dns.ttl", "120"); // RFC 6762, section 10
    }
  }

  private final Thread thread;

  private final Map<ServiceType, Announcement> announced = new EnumMap<>(ServiceType.class);
  private final Set<ServiceType> browsed = ConcurrentHashMap.newKeySet();
  private final Map<ServiceType, KnownServices> known = new EnumMap<>(ServiceType.class);
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private final AtomicLong refused = new AtomicLong();

  private final LinkSessions sessions;

  private volatile DiscoveryStatus status = new DiscoveryStatus(List.of(), 0, 0, "");

  // Guarded by lock.
  private final Object lock = new Object();
  private boolean dirty;
  private boolean closed;

  /** A listener, and whether it has been told of those that were known before it came. */
  private static final class Subscription {
    private final ServiceType type;
    private final DiscoveryListener listener;
    private boolean informed; // owned by the thread discovery

    Subscription(ServiceType type, DiscoveryListener listener) {
      this.type = type;
      this.listener = listener;
    }
  }

  /**
   * Takes nothing from the system yet.
   *
   * @param interfaces where to announce and to listen
   * @param name goes into the host name that is claimed on each interface ({@code
   *     NAME-3f7a-10-77-0-21.local}), in the syntax of {@link DeviceId}
   * @throws IllegalArgumentException when the name has another syntax
   */
  public MulticastDns(InterfaceChoice interfaces, String name) {
    if (!DeviceId.isValid(name)) {
      throw new IllegalArgumentException(
          "name is \"" + TxtRecord.excerpt(name) + "\"; wanted: " + DeviceId.WANTED);
    }
    // The random part keeps the goodbye of one process from taking the address of another along.
    String hostPrefix =
        name.substring(0, Math.min(name.length(), MAX_NAME_IN_LABEL))
            + String.format("-%04x", ThreadLocalRandom.current().nextInt(0x10000));
    this.sessions = new LinkSessions(interfaces, hostPrefix, browsed, refused, this::wake);
    this.thread = new Thread(this::run, "discovery");
    thread.setDaemon(true);
    for (ServiceType type : ServiceType.values()) {
      known.put(type, new KnownServices());
    }
  }

  /** Starts announcing and listening; once. */
  public void start() {
    thread.start();
  }

  /**
   * Announces a service from now on, on every interface; it can be seen about 5 s later.
   *
   * @throws IllegalStateException when one of its type is announced already
   */
  public void announce(Announcement announcement) {
    synchronized (lock) {
      if (announced.putIfAbsent(announcement.type(), announcement) != null) {
        throw new IllegalStateException(announcement.type() + " is announced already");
      }
    }
    wake();
  }

  /**
   * Changes the text of an announced service; what is announced follows within seconds.
   *
   * @throws IllegalStateException when none of its type is announced
   * @throws IllegalArgumentException when the text is not as {@link Announcement} wants it
   */
  public void update(ServiceType type, Map<String, String> text) {
    synchronized (lock) {
      Announcement current = announced.get(type);
      if (current == null) {
        throw new IllegalStateException(type + " is not announced");
      }
      announced.put(type, current.withText(text));
    }
    wake();
  }

  /**
   * Looks for services of this type from now on. The listener is told of all that are known, then
   * of every change.
   */
  public void browse(ServiceType type, DiscoveryListener listener) {
    if (subscriptions.size() >= MAX_LISTENERS) {
      throw new IllegalStateException("more than " + MAX_LISTENERS + " listeners");
    }
    browsed.add(type);
    subscriptions.add(new Subscription(type, listener));
    wake();
  }

  /** The services of a browsed type that are known now; ours is one of them if we announce it. */
  public List<Discovered> known(ServiceType type) {
    return known.get(type).all();
  }

  public DiscoveryStatus status() {
    return status;
  }

  /**
   * Says goodbye on all interfaces at once and ends; at most {@value #MAX_CLOSE_MS} ms, whatever
   * JmDNS does. Idempotent. May be called by a listener.
   */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    if (Thread.currentThread() != thread) {
      try {
        thread.join(MAX_CLOSE_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the goodbyes go on without us
      }
    }
  }

  private void run() {
    long nextPoll = System.nanoTime();
    try {
      while (!isClosed()) {
        long now = System.nanoTime();
        boolean poll = now - nextPoll >= 0;
        try {
          if (poll) {
            nextPoll = now + POLL_NS;
            report(sessions.survey(wanted(), now));
          }
          listen(now, poll);
        } catch (RuntimeException e) {
          LOG.error("discovery stumbled; it goes on", e);
        }
        await(nextPoll);
      }
    } catch (InterruptedException e) {
      LOG.debug("discovery was interrupted", e);
    } finally {
      sessions.retireAll(System.nanoTime() + CLOSE_NS);
    }
  }

  /** Announces, reads all caches, and tells of what changed; asks for more if it is time to. */
  private void listen(long now, boolean poll) {
    Map<ServiceType, Announcement> wanted = wanted();
    List<Link> links = sessions.links();
    List<LinkSession> open = sessions.all();
    for (LinkSession session : open) {
      session.announce(wanted, now);
    }
    long nowMillis = System.currentTimeMillis();
    Map<LinkSession, Set<String>> hosts = new HashMap<>();
    int ignored = 0;
    for (ServiceType type : browsed) {
      List<Sighting> sightings = new ArrayList<>();
      for (LinkSession session : open) {
        CacheReader heard = session.read(type, links, nowMillis);
        if (heard != null) {
          sightings.addAll(heard.sightings());
          hosts.computeIfAbsent(session, each -> new HashSet<>()).addAll(heard.hosts());
          ignored += heard.ignored();
          session.ask(type, heard, now, poll);
        }
      }
      tell(type, known.get(type).replace(sightings));
    }
    if (poll) {
      hosts.forEach((session, names) -> session.filter().retainHosts(names));
    }
    List<String> names = new ArrayList<>();
    for (Link link : links) {
      names.add(link.toString());
    }
    status = new DiscoveryStatus(names, ignored, refused.get(), status.problem());
  }

  private Map<ServiceType, Announcement> wanted() {
    synchronized (lock) {
      return new EnumMap<>(announced);
    }
  }

  private void tell(ServiceType type, KnownServices.Changes changes) {
    for (Subscription subscription : subscriptions) {
      if (subscription.type == type) {
        List<Discovered> found = subscription.informed ? changes.found() : known(type);
        subscription.informed = true;
        try {
          for (String id : changes.lost()) {
            subscription.listener.lost(type, id);
          }
          for (Discovered service : found) {
            subscription.listener.found(service);
          }
        } catch (RuntimeException e) {
          LOG.error("a listener for {} failed", type.dnsName(), e);
        }
      }
    }
  }

  private void report(String problem) {
    String before = status.problem();
    status = new DiscoveryStatus(status.interfaces(), status.ignored(), refused.get(), problem);
    if (!problem.equals(before)) {
      if (problem.isEmpty()) {
        LOG.info("multicast DNS works again");
      } else {
        LOG.warn("multicast DNS: {}", problem);
      }
    }
  }

  private void wake() {
    synchronized (lock) {
      dirty = true;
      lock.notifyAll();
    }
  }

  private boolean isClosed() {
    synchronized (lock) {
      return closed;
    }
  }

  /** Waits for the time, or for news and a little longer. */
  private void await(long untilNanos) throws InterruptedException {
    synchronized (lock) {
      while (!dirty && !closed && untilNanos - System.nanoTime() > 0) {
        TimeUnit.NANOSECONDS.timedWait(lock, untilNanos - System.nanoTime());
      }
      long gathered = System.nanoTime() + GATHER_NS;
      while (dirty && !closed && gathered - System.nanoTime() > 0) {
        TimeUnit.NANOSECONDS.timedWait(lock, gathered - System.nanoTime());
      }
      dirty = false;
    }
  }
}
