package io.pifleet.protocol.discovery;

import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One {@link LinkSession} per chosen interface, replaced when the interface changes or the session
 * fails; after failures in a row later and later.
 *
 * <p>Owned by the thread {@code discovery}.
 */
final class LinkSessions {
  private static final Logger LOG = LoggerFactory.getLogger(LinkSessions.class);

  private static final long FIRST_RETRY_NS = TimeUnit.SECONDS.toNanos(3);
  private static final long MAX_RETRY_NS = TimeUnit.SECONDS.toNanos(60);
  private static final int MAX_CLOSING = InterfaceChoice.MAX_LINKS;

  private final InterfaceChoice interfaces;
  private final String hostPrefix;
  private final Set<ServiceType> browsed;
  private final AtomicLong refused;
  private final Runnable changed;

  private final Map<String, LinkSession> sessions = new LinkedHashMap<>(); // by interface name
  private final List<LinkSession> closing = new ArrayList<>();
  private final Map<String, Retry> retries = new HashMap<>(); // by interface name

  /** When an interface that failed is tried again. */
  private static final class Retry {
    private long intervalNanos = FIRST_RETRY_NS;
    private long nextNanos;
    private String problem;
  }

  /**
   * @param hostPrefix the host name on each interface is this and the address, in at most 63
   *     characters
   * @param browsed what sessions listen for; may change at any time
   * @param refused counts records that were not kept
   * @param changed called when a session has news; must not block
   */
  LinkSessions(
      InterfaceChoice interfaces,
      String hostPrefix,
      Set<ServiceType> browsed,
      AtomicLong refused,
      Runnable changed) {
    this.interfaces = interfaces;
    this.hostPrefix = hostPrefix;
    this.browsed = browsed;
    this.refused = refused;
    this.changed = changed;
  }

  /**
   * Makes the sessions follow the interfaces.
   *
   * @param wanted what a new session announces from the start
   * @return what is in the way, in words; empty when nothing is
   */
  String survey(Map<ServiceType, Announcement> wanted, long now) {
    List<String> problems = new ArrayList<>();
    List<Link> links = List.of();
    try {
      InterfaceChoice.Chosen chosen = interfaces.choose(Link.allUp());
      links = chosen.links();
      problems.addAll(chosen.problems());
    } catch (SocketException e) {
      problems.add("the interfaces cannot be listed: " + e.getMessage());
      links = links();
    }
    closing.removeIf(LinkSession::hasEnded);
    Set<String> names = new HashSet<>();
    for (Link link : links) {
      names.add(link.name());
      keepOrReplace(link, wanted, now);
      Retry retry = retries.get(link.name());
      if (retry != null && retry.problem != null) {
        problems.add(link + ": " + retry.problem);
      }
    }
    for (String name : List.copyOf(sessions.keySet())) {
      if (!names.contains(name)) {
        retire(name);
      }
    }
    retries.keySet().retainAll(names);
    if (closing.size() >= MAX_CLOSING) {
      problems.add(closing.size() + " earlier instances of JmDNS do not end");
    }
    return String.join("; ", problems);
  }

  private void keepOrReplace(Link link, Map<ServiceType, Announcement> wanted, long now) {
    LinkSession session = sessions.get(link.name());
    if (session != null && !session.link().sameBinding(link)) {
      LOG.info("{} has become {}", session.link(), link);
      retries.remove(link.name());
      retire(link.name());
      session = null;
    }
    if (session != null) {
      String failure = session.failure(now);
      if (failure == null) {
        session.update(link);
        if (session.settled()) {
          retries.remove(link.name());
        }
        return;
      }
      Retry retry = retries.computeIfAbsent(link.name(), name -> new Retry());
      retry.problem = failure;
      retry.nextNanos = now + retry.intervalNanos;
      retry.intervalNanos = Math.min(2 * retry.intervalNanos, MAX_RETRY_NS);
      retire(link.name());
    }
    Retry retry = retries.get(link.name());
    if (closing.size() < MAX_CLOSING && (retry == null || now - retry.nextNanos >= 0)) {
      LinkSession opened =
          new LinkSession(link, hostLabel(link), new RecordFilter(browsed, refused), changed);
      sessions.put(link.name(), opened);
      opened.open(wanted, now);
    }
  }

  private void retire(String interfaceName) {
    LinkSession session = sessions.remove(interfaceName);
    session.retire(false);
    closing.add(session);
  }

  /** The sessions in use. */
  List<LinkSession> all() {
    return List.copyOf(sessions.values());
  }

  /** The links in use. */
  List<Link> links() {
    List<Link> links = new ArrayList<>();
    for (LinkSession session : sessions.values()) {
      links.add(session.link());
    }
    return links;
  }

  /** Ends all sessions at once, with goodbyes, and waits for them until the deadline. */
  void retireAll(long deadline) {
    for (LinkSession session : sessions.values()) {
      session.retire(true);
    }
    try {
      for (LinkSession session : sessions.values()) {
        if (!session.awaitEnd(deadline - System.nanoTime())) {
          LOG.debug("JmDNS on {} does not end in time", session.link());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // their threads are daemons, and end with the process
    }
  }

  private String hostLabel(Link link) {
    // With the address in it, no two of them conflict: neither two interfaces, nor old and new.
    return hostPrefix + '-' + link.address().getHostAddress().replace('.', '-');
  }
}
