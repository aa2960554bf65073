package io.pifleet.protocol.discovery;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.jmdns.impl.ServiceInfoImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one JmDNS instance on one link: opened and closed on threads of its own, since both
 * can take seconds; asked, told what to announce and judged by the thread {@code discovery}, which
 * owns it.
 *
 * <pre>
 *   OPENING  --opened-->  OPEN     --retire-->  RETIRED
 *   OPENING  --error--->  FAILED   --retire-->  RETIRED
 *   OPENING  --retire-->  RETIRED  (closed as soon as the opening ends)
 * </pre>
 */
final class LinkSession {
  private enum State {
    OPENING,
    OPEN,
    FAILED,
    RETIRED
  }

  private static final Logger LOG = LoggerFactory.getLogger(LinkSession.class);

  private static final long MAX_OPENING_NS = TimeUnit.SECONDS.toNanos(10);
  // Probing and announcing take 4 to 6 s; more means that JmDNS lost its way.
  private static final long MAX_ANNOUNCING_NS = TimeUnit.SECONDS.toNanos(20);
  private static final int MAX_SEND_FAILURES = 3; // three probes: a whole start without a word out
  private static final long FIRST_ASK_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long MAX_ASK_NS = TimeUnit.SECONDS.toNanos(60); // while nobody is known
  private static final long CALM_ASK_NS = TimeUnit.MINUTES.toNanos(10);
  private static final int MAX_RESOLVES_PER_TICK = 4;
  private static final int MAX_RESOLVES_PER_NAME = 5;

  private final String hostLabel;
  private final RecordFilter filter;
  private final Runnable changed;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Map<ServiceType, ServiceInfoImpl> registered = new EnumMap<>(ServiceType.class);
  private final Map<ServiceType, Asking> asking = new EnumMap<>(ServiceType.class);

  private Link link;
  private long openedNanos;
  private long announcedNanos; // last time that everything was

  // Guarded by this: shared with the opening thread.
  private State state = State.OPENING;
  private LinkDns dns;
  private String failure;

  /** When to ask for a type again, and what has been asked for by name. */
  private static final class Asking {
    private long nextNanos;
    private long intervalNanos = FIRST_ASK_NS;
    private final Map<String, Integer> resolves = new HashMap<>();
  }

  LinkSession(Link link, String hostLabel, RecordFilter filter, Runnable changed) {
    this.link = link;
    this.hostLabel = hostLabel;
    this.filter = filter;
    this.changed = changed;
  }

  /**
   * Starts opening; {@code changed} runs when it has ended, well or not.
   *
   * @param wanted what to announce from the start
   */
  void open(Map<ServiceType, Announcement> wanted, long nowNanos) {
    openedNanos = nowNanos;
    announcedNanos = nowNanos;
    Link current = link;
    List<ServiceInfoImpl> services = new ArrayList<>();
    for (Announcement announcement : wanted.values()) {
      ServiceInfoImpl service = service(announcement);
      registered.put(announcement.type(), service);
      services.add(service);
    }
    startThread("mdns-" + link.name() + "-open", () -> openNow(current, services));
  }

  Link link() {
    return link;
  }

  /** Takes over what may change under a running JmDNS: the link's IPv6 addresses. */
  void update(Link current) {
    link = current;
  }

  /** Registers what is not yet, and brings the TXT records up to date. */
  void announce(Map<ServiceType, Announcement> wanted, long nowNanos) {
    LinkDns open = openDns();
    if (open == null) {
      return;
    }
    boolean settled = open.isAnnounced();
    for (Announcement announcement : wanted.values()) {
      ServiceInfoImpl info = registered.get(announcement.type());
      if (info == null) {
        register(open, announcement);
        settled = false;
      } else if (!info.isAnnounced()) {
        settled = false;
      } else if (!Arrays.equals(text(announcement), info.getTextBytes())) {
        // Only now: JmDNS forgets a service whose text changes while it is being announced.
        info.setText(text(announcement));
      }
    }
    if (settled) {
      announcedNanos = nowNanos;
    }
  }

  private void register(LinkDns open, Announcement announcement) {
    ServiceInfoImpl service = service(announcement);
    registered.put(announcement.type(), service);
    try {
      open.registerService(service);
    } catch (IOException | RuntimeException e) {
      fail("cannot announce " + announcement.type().dnsName() + ": " + e.getMessage());
    }
  }

  private ServiceInfoImpl service(Announcement announcement) {
    return new ServiceInfoImpl(
        announcement.type().domainName(),
        announcement.instanceName(),
        "",
        announcement.port(),
        0,
        0,
        false,
        text(announcement));
  }

  private byte[] text(Announcement announcement) {
    return TxtRecord.encode(announcement.id(), announcement.text(), link.v6());
  }

  /** The services of one type that this link hears now; null while it is not open. */
  CacheReader read(ServiceType type, List<Link> links, long nowMillis) {
    LinkDns open = openDns();
    return open == null
        ? null
        : new CacheReader(open.getCache(), type, link, links, nowMillis).read();
  }

  /**
   * Asks the network for the type if it is time to, and for what is missing of its instances.
   *
   * @param again whether to repeat questions about instances that got no answer
   */
  void ask(ServiceType type, CacheReader heard, long nowNanos, boolean again) {
    LinkDns open = openDns();
    if (open == null) {
      return;
    }
    Asking plan = asking.get(type);
    if (plan == null) {
      plan = new Asking();
      plan.nextNanos = nowNanos;
      asking.put(type, plan);
    }
    boolean calm = !heard.sightings().isEmpty();
    if (calm) {
      plan.intervalNanos = FIRST_ASK_NS; // so that a lost one is looked for at once
    }
    if (nowNanos - plan.nextNanos >= 0) {
      open.ask(type);
      plan.nextNanos = nowNanos + (calm ? CALM_ASK_NS : plan.intervalNanos);
      plan.intervalNanos = Math.min(2 * plan.intervalNanos, MAX_ASK_NS);
    } else if (!calm) {
      plan.nextNanos = Math.min(plan.nextNanos, nowNanos + plan.intervalNanos);
    }
    resolve(type, heard, plan, open, again);
  }

  private static void resolve(
      ServiceType type, CacheReader heard, Asking plan, LinkDns open, boolean again) {
    plan.resolves.keySet().retainAll(heard.incomplete());
    int resolves = 0;
    for (String name : heard.incomplete()) {
      int before = plan.resolves.getOrDefault(name, 0);
      boolean due = before == 0 || (again && before < MAX_RESOLVES_PER_NAME);
      if (due && resolves < MAX_RESOLVES_PER_TICK) {
        plan.resolves.put(name, before + 1);
        resolves++;
        open.resolve(type, name);
      }
    }
  }

  RecordFilter filter() {
    return filter;
  }

  /** Why this session must be replaced, in words; null when it need not. */
  synchronized String failure(long nowNanos) {
    if (failure != null || state == State.RETIRED) {
      return failure;
    }
    if (state == State.OPENING) {
      return nowNanos - openedNanos > MAX_OPENING_NS ? "opening takes longer than 10 s" : null;
    }
    if (dns.failure() != null) {
      return dns.failure();
    }
    if (dns.sendFailures() >= MAX_SEND_FAILURES) {
      return sendProblem(dns.lastSendFailure());
    }
    return nowNanos - announcedNanos > MAX_ANNOUNCING_NS
        ? "nothing could be announced for 20 s"
        : null;
  }

  /** Whether it is open and everything has been announced. */
  boolean settled() {
    LinkDns open = openDns();
    if (open == null || !open.isAnnounced()) {
      return false;
    }
    for (ServiceInfoImpl info : registered.values()) {
      if (!info.isAnnounced()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Ends it in the background. Without a goodbye when it will be replaced: the others would drop
   * what is about to come back.
   */
  void retire(boolean goodbye) {
    LinkDns open;
    boolean opening;
    synchronized (this) {
      if (state == State.RETIRED) {
        return;
      }
      opening = state == State.OPENING;
      open = dns;
      state = State.RETIRED;
    }
    if (open != null) {
      boolean announced = !registered.isEmpty();
      startThread("mdns-" + link.name() + "-close", () -> close(open, goodbye && announced));
    } else if (!opening) {
      ended.countDown();
    }
  }

  /** Waits until everything is given back; false when that takes longer. */
  boolean awaitEnd(long nanos) throws InterruptedException {
    return ended.await(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  boolean hasEnded() {
    return ended.getCount() == 0;
  }

  private void openNow(Link current, List<ServiceInfoImpl> services) {
    LinkDns opened = null;
    String problem = null;
    try {
      opened = new LinkDns(current, hostLabel, filter, changed);
      for (ServiceInfoImpl service : services) {
        opened.registerService(service);
      }
      opened.begin();
    } catch (IOException e) {
      problem = sendProblem(e);
    } catch (RuntimeException e) {
      problem = "JmDNS cannot start: " + e;
    }
    boolean retired;
    synchronized (this) {
      retired = state == State.RETIRED;
      if (!retired) {
        dns = opened;
        failure = problem;
        state = problem == null ? State.OPEN : State.FAILED;
      }
    }
    if (retired) {
      if (opened == null) {
        ended.countDown();
      } else {
        close(opened, false);
      }
    }
    changed.run();
  }

  private void close(LinkDns open, boolean goodbye) {
    try {
      open.shutDown(goodbye);
    } catch (RuntimeException e) {
      LOG.debug("closing JmDNS on {} failed", link, e);
    } finally {
      ended.countDown();
      changed.run();
    }
  }

  private synchronized LinkDns openDns() {
    return state == State.OPEN ? dns : null;
  }

  private synchronized void fail(String why) {
    failure = why;
  }

  private static String sendProblem(IOException e) {
    String why = e == null ? "nothing can be sent" : e.getMessage();
    return why != null && why.contains("unreachable")
        ? why + "; is there a default route, or one for 224.0.0.0/4?"
        : why;
  }

  private static void startThread(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }
}
