package io.pifleet.protocol.discovery;

import java.io.IOException;
import java.net.InetAddress;
import java.net.MulticastSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import javax.jmdns.ServiceInfo;
import javax.jmdns.impl.DNSOutgoing;
import javax.jmdns.impl.DNSRecord;
import javax.jmdns.impl.JmDNSImpl;
import javax.jmdns.impl.ServiceInfoImpl;

/**
 * JmDNS for one interface and one of its addresses, with its failings handled: a packet that cannot
 * be sent is a packet lost (JmDNS would close itself for good), it never repairs itself (it would
 * keep the old address), and its cache holds only what {@link RecordFilter} admits.
 *
 * <p>It says when something is new and whether it is still alive; {@link LinkSession} reads the
 * cache and replaces it. Nothing registers a listener with JmDNS: JmDNS's listeners miss a changed
 * port and keep state for every name that anyone says.
 *
 * <p>The overridden methods are called on JmDNS's own threads; everything else is thread-safe.
 *
 * <p><b>Design note:</b> the overridden methods are public, but in JmDNS's implementation package:
 * its version is pinned, and the tests of this package notice if a new one moves them.
 */
final class LinkDns extends JmDNSImpl {
  private static final AtomicIntegerFieldUpdater<LinkDns> SEND_FAILURES =
      AtomicIntegerFieldUpdater.newUpdater(LinkDns.class, "sendFailures");
  private static final long LISTENER_END_MS = 500; // for a thread whose socket has been closed

  // Null while JmDNS's constructor runs, whose threads call here already.
  private final RecordFilter filter;
  private final Runnable changed;
  private final Thread listener;

  private volatile int sendFailures;
  private volatile IOException lastSendFailure;
  private volatile boolean begun;
  private volatile boolean broken;
  private volatile boolean shuttingDown;
  private volatile boolean silent;

  /**
   * Opens the socket and starts JmDNS's threads; nothing is announced yet.
   *
   * @param hostLabel the host name to claim, one DNS label, not used by anyone else
   * @param changed called when something worth a look has happened; must not block
   * @throws IOException when the socket or the multicast group is not to be had
   */
  LinkDns(Link link, String hostLabel, RecordFilter filter, Runnable changed) throws IOException {
    super(named(link, hostLabel), hostLabel, 0);
    this.listener = adoptThreads(hostLabel, link.name());
    this.filter = filter;
    this.changed = changed;
  }

  /** Starts probing for, then announcing, the host name and all that is registered by now. */
  void begin() {
    begun = true;
    super.startProber();
  }

  /** Sends the question who offers {@code type}; answers come into the cache. */
  void ask(ServiceType type) {
    startServiceResolver(type.domainName());
  }

  /** Asks for what is missing of an instance that has been named. */
  void resolve(ServiceType type, String instanceName) {
    startServiceInfoResolver(
        new ServiceInfoImpl(type.domainName(), instanceName, "", 0, 0, 0, false, (byte[]) null));
  }

  /** What ended this instance, or null while it lives. */
  String failure() {
    if (broken) {
      return "JmDNS gave up";
    }
    return listener != null && listener.isAlive() ? null : "JmDNS stopped listening";
  }

  /** How many packets in a row could not be sent; 0 after one that could. */
  int sendFailures() {
    return sendFailures;
  }

  /** Why the last packet could not be sent; null if it could. */
  IOException lastSendFailure() {
    return lastSendFailure;
  }

  /**
   * Ends it and gives everything back. Takes 2 s with a goodbye, which JmDNS says three times, and
   * some milliseconds without. May be called more than once.
   */
  void shutDown(boolean goodbye) {
    silent = !goodbye;
    shuttingDown = true;
    if (silent) {
      closeSocket();
    }
    super.close();
  }

  /**
   * Called by JmDNS's constructor and at each registration. Held back until {@link #begin}: what is
   * probed for separately is announced separately, and a service that comes without its host's
   * address is of no use to those who hear it.
   */
  @Override
  public void startProber() {
    if (begun) {
      super.startProber();
    }
  }

  @Override
  public void updateRecord(long now, DNSRecord record, Operation operation) {
    if (filter == null) {
      getCache().removeDNSEntry(record);
      return;
    }
    try {
      if (operation != Operation.Remove && !filter.admits(record, getCache())) {
        getCache().removeDNSEntry(record);
        return;
      }
      super.updateRecord(now, record, operation);
    } catch (RuntimeException malformed) {
      // For instance an AAAA record of four bytes; it would end JmDNS's socket thread.
      getCache().removeDNSEntry(record);
      filter.countRefused();
      return;
    }
    changed.run();
  }

  /** JmDNS remembers each type that anyone names, for ever. */
  @Override
  public boolean registerServiceType(String type) {
    for (ServiceType known : ServiceType.values()) {
      if (known.domainName().equalsIgnoreCase(type)) {
        return super.registerServiceType(type);
      }
    }
    return false;
  }

  /**
   * Called by JmDNS every 10 s for the types of which a record has lived 80 % of its life or more
   * (RFC 6762, section 5.2).
   */
  @Override
  public void renewServiceCollector(String lowerCaseType) {
    for (ServiceType known : ServiceType.values()) {
      if (known.domainName().equals(lowerCaseType)) {
        ask(known);
      }
    }
  }

  @Override
  public void send(DNSOutgoing out) {
    try {
      super.send(out);
      sendFailures = 0;
      lastSendFailure = null;
    } catch (IOException e) {
      lastSendFailure = e;
      SEND_FAILURES.incrementAndGet(this);
    }
  }

  /** Called by JmDNS itself, on its timer threads, when one of its tasks has failed. */
  @Override
  public void close() {
    giveUp();
  }

  /** Called by JmDNS when receiving or one of its tasks has failed. */
  @Override
  public void recover() {
    giveUp();
  }

  @Override
  public void startCanceler() {
    if (silent) {
      for (ServiceInfo service : new ArrayList<>(getServices().values())) {
        if (service instanceof ServiceInfoImpl info) {
          for (int i = 0; i < 3 && !info.isCanceled(); i++) { // CANCELING_1, _2, _3, CANCELED
            info.advanceState(null);
          }
        }
      }
      for (int i = 0; i < 3 && !isCanceled(); i++) {
        advanceState(null);
      }
    } else {
      super.startCanceler();
    }
  }

  /** The last thing JmDNS does before it closes the socket and waits a second for its listener. */
  @Override
  public void cancelStateTimer() {
    super.cancelStateTimer();
    closeSocket();
  }

  private void giveUp() {
    if (!shuttingDown) {
      broken = true;
      if (changed != null) {
        changed.run();
      }
    }
  }

  private void closeSocket() {
    MulticastSocket socket = getSocket();
    if (socket != null) {
      socket.close();
    }
    if (listener != null && listener != Thread.currentThread()) {
      try {
        listener.join(LISTENER_END_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // JmDNS waits for it as well
      }
    }
  }

  /** With a name in it, so that JmDNS asks no name server: without DNS that takes 10 s. */
  private static InetAddress named(Link link, String hostLabel) throws UnknownHostException {
    return InetAddress.getByAddress(hostLabel, link.address().getAddress());
  }

  /** Renames this instance's threads after the interface, and finds the one that receives. */
  private static Thread adoptThreads(String hostLabel, String interfaceName) {
    Thread found = null;
    for (Thread thread : ownGroup()) {
      String name = thread.getName();
      if (name.equals("SocketListener(" + hostLabel + ")")) {
        found = thread;
        thread.setName("mdns-" + interfaceName);
      } else if (name.equals("JmDNS(" + hostLabel + ").Timer")) {
        thread.setName("mdns-" + interfaceName + "-answer");
      } else if (name.equals("JmDNS(" + hostLabel + ").State.Timer")) {
        thread.setName("mdns-" + interfaceName + "-announce");
      }
    }
    return found;
  }

  private static List<Thread> ownGroup() {
    Thread[] threads = new Thread[Thread.activeCount() + 16]; // others may start meanwhile
    int count = Thread.enumerate(threads);
    return Arrays.asList(threads).subList(0, count);
  }
}
