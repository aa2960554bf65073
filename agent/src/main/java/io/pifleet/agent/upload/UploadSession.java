package io.pifleet.agent.upload;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.transfer.ArchiveSender;
import io.pifleet.protocol.transfer.ArchiveSource;
import io.pifleet.protocol.transfer.Connection;
import io.pifleet.protocol.transfer.Deadlines;
import io.pifleet.protocol.transfer.Outcome;
import io.pifleet.protocol.transfer.SegmentUnavailableException;
import io.pifleet.protocol.transfer.SenderLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to one collector, over which archives are offered one after the other. Owned by
 * the upload thread; {@link #stop} may be called from any.
 */
final class UploadSession {
  private static final Logger LOG = LoggerFactory.getLogger(UploadSession.class);

  /** Most addresses that one host name is tried at. */
  private static final int MOST_ADDRESSES = 8;

  /** How a session ended. */
  sealed interface End {
    /** Every archive was dealt with, or there is no time for the next one. */
    record Done() implements End {}

    /** The collector named a time to come back. */
    record Busy(Duration retryAfter, String reason) implements End {}

    /**
     * The connection failed, or could not be made.
     *
     * @param archive that was on its way
     * @param heldBytes what the collector held of it before; -1 when it has not said so
     */
    record Broken(Optional<ArchiveName> archive, long heldBytes, String problem) implements End {}

    /** The collector does not take one archive, and closed. */
    record Refused(ArchiveName archive, Outcome.Refused how, String problem) implements End {}
  }

  /** An archive that this device cannot serve now; the others went on. */
  record Unservable(ArchiveName archive, String problem) {}

  /**
   * What came of a session.
   *
   * @param collectorId of the receipts that came in, if one did
   */
  record Result(End end, Optional<String> collectorId, List<Unservable> unservable) {}

  private final Connector connector;
  private final Deadlines deadlines;
  private final ArchiveQueue queue;
  private final UploadWatch watch;
  private final String agentVersion;
  private final RandomGenerator random;
  private final Object monitor = new Object();
  private boolean stopped; // guarded by monitor
  private Thread connecting; // guarded by monitor; while there is no connection to stop
  private Connection connection; // guarded by monitor; its owner is the upload thread
  // The upload thread's own:
  private List<Unservable> unservable = List.of();
  private Optional<String> collectorId = Optional.empty();
  private ArchiveName offered;
  private long heldBytes;

  UploadSession(
      Connector connector,
      Deadlines deadlines,
      ArchiveQueue queue,
      UploadWatch watch,
      String agentVersion,
      RandomGenerator random) {
    this.connector = connector;
    this.deadlines = deadlines;
    this.queue = queue;
    this.watch = watch;
    this.agentVersion = agentVersion;
    this.random = random;
  }

  /** Ends the session that runs, and all later ones at once. */
  void stop() {
    synchronized (monitor) {
      stopped = true;
      if (connection != null) {
        connection.stop();
      } else if (connecting != null) {
        // Only here: an interrupt in the middle of a sendfile(2) would close the file.
        connecting.interrupt();
      }
    }
  }

  boolean isStopped() {
    synchronized (monitor) {
      return stopped;
    }
  }

  /**
   * @param goOn asked before each archive but the first
   * @param receiptsRequired with so many, an archive is deleted here
   */
  Result run(
      Target target, List<ArchiveName> archives, BooleanSupplier goOn, int receiptsRequired) {
    unservable = new ArrayList<>();
    collectorId = Optional.empty();
    offered = null;
    heldBytes = -1;
    End end;
    try (Connection open = connect(target);
        ArchiveSender sender = newSender(open)) {
      end = offerAll(target, archives, sender, goOn, receiptsRequired);
    } catch (IOException | RuntimeException e) {
      end = new End.Broken(Optional.ofNullable(offered), heldBytes, problem(target, e));
    } finally {
      watch.ended();
      synchronized (monitor) {
        connection = null;
      }
    }
    return new Result(end, collectorId, unservable);
  }

  private String problem(Target target, Exception e) {
    String what =
        e instanceof IOException && e.getMessage() != null ? e.getMessage() : e.toString();
    return (offered == null ? "" : offered + " to ") + target.label() + ": " + what;
  }

  private ArchiveSender newSender(Connection open) {
    // Tells connections apart, and keeps no secret: no need for a SecureRandom and its providers.
    UUID attempt = new UUID(random.nextLong(), random.nextLong());
    return new ArchiveSender(open, deadlines, SenderLimits.DEFAULT, agentVersion, attempt);
  }

  private End offerAll(
      Target target,
      List<ArchiveName> archives,
      ArchiveSender sender,
      BooleanSupplier goOn,
      int receiptsRequired)
      throws IOException {
    for (ArchiveName name : archives) {
      if (offered != null && !goOn.getAsBoolean()) {
        return new End.Done();
      }
      ArchiveSource source = open(name);
      if (source != null) {
        offered = name;
        heldBytes = -1;
        watch.sending(name, target.label(), source.manifest().segments().totalBytes(), sender);
        Outcome outcome = offer(name, source, sender);
        if (outcome instanceof Outcome.Stored stored) {
          keep(name, target, stored, receiptsRequired);
        } else if (outcome instanceof Outcome.Busy busy) {
          return new End.Busy(busy.retryAfter(), busy.reason());
        } else if (outcome instanceof Outcome.Refused refused) {
          return refused(name, target, source.manifest(), refused);
        }
      }
    }
    return new End.Done();
  }

  /** Null when it is gone, cannot be read, or when this collector turned out to have it. */
  private ArchiveSource open(ArchiveName name) {
    try {
      return collectorId.isPresent() && queue.receipts(name).contains(collectorId.get())
          ? null
          : queue.open(name);
    } catch (NoSuchFileException e) {
      LOG.debug("{} is gone", name);
    } catch (IOException e) {
      unservable.add(new Unservable(name, name + " cannot be read: " + e.getMessage()));
    }
    return null;
  }

  private Outcome offer(ArchiveName name, ArchiveSource source, ArchiveSender sender)
      throws IOException {
    try {
      return sender.offer(source, watch);
    } catch (SegmentUnavailableException e) {
      if (!reissue(name, source.manifest(), e.segment())) {
        unservable.add(new Unservable(name, name + ": " + e.getMessage()));
      }
      throw e;
    } finally {
      heldBytes = watch.resumedAtBytes();
    }
  }

  private void keep(ArchiveName name, Target target, Outcome.Stored stored, int receiptsRequired)
      throws IOException {
    String from = stored.receipt().collector();
    if (target.expectedId().isPresent() && !target.expectedId().get().equals(from)) {
      throw new IOException(
          "the receipt is from " + from + "; wanted: from " + target.label() + ", as announced");
    }
    queue.addReceipt(name, from, stored.receiptBytes());
    collectorId = Optional.of(from);
    watch.stored(
        new UploadStatus.LastReceipt(
            name,
            from,
            stored.receipt().received(),
            stored.receipt().archive(),
            stored.receipt().archiveBytes()));
    LOG.info(
        "{} is {} at {} ({} bytes)",
        name,
        stored.already() ? "already stored" : "stored",
        from,
        stored.receipt().archiveBytes());
    // After everybody who waits has heard of it: an archive that is gone without was given up.
    queue.deleteDelivered(name, receiptsRequired);
  }

  private End refused(ArchiveName name, Target target, Manifest manifest, Outcome.Refused refused) {
    String problem =
        target.label() + " refused " + name + ": " + refused.codeName() + ", " + refused.text();
    if (refused.segment().isPresent()
        && refused.segment().getAsInt() < manifest.segments().count()
        && reissue(name, manifest, refused.segment().getAsInt())) {
      return new End.Broken(
          Optional.of(name), heldBytes, problem + "; issued again without what is rotten");
    }
    return new End.Refused(name, refused, problem);
  }

  private boolean reissue(ArchiveName name, Manifest manifest, int segment) {
    try {
      boolean lost = queue.reissueWithout(name, manifest.digest(), segment, this::goOnReading);
      if (lost) {
        LOG.warn("segment {} of {} is rotten here: issued again without it", segment, name);
      }
      return lost;
    } catch (IOException e) {
      LOG.warn("segment {} of {} cannot be checked: {}", segment, name, e.toString());
      return false;
    }
  }

  /** Checking a large archive takes minutes. */
  private boolean goOnReading() {
    watch.beat();
    return !isStopped();
  }

  /** The first address that answers. */
  private Connection connect(Target target) throws IOException {
    StringBuilder failures = new StringBuilder();
    for (InetSocketAddress address : resolve(target)) {
      begin();
      Connection open = null;
      try {
        open = connector.connect(address);
        return open;
      } catch (IOException e) {
        failures.append(failures.length() == 0 ? "" : "; ").append(e.getMessage());
      } finally {
        adopt(open);
      }
    }
    throw new IOException(failures.length() == 0 ? "no address is known" : failures.toString());
  }

  private void begin() throws IOException {
    synchronized (monitor) {
      if (stopped) {
        throw new IOException("stopping");
      }
      connecting = Thread.currentThread();
    }
  }

  /**
   * @param open null when there is no connection
   */
  private void adopt(Connection open) {
    synchronized (monitor) {
      connecting = null;
      connection = open;
      if (stopped) {
        Thread.interrupted(); // has done its work, and must not meet a transfer
        if (open != null) {
          open.stop();
        }
      }
    }
  }

  private static List<InetSocketAddress> resolve(Target target) throws IOException {
    List<InetSocketAddress> resolved = new ArrayList<>();
    for (InetSocketAddress address : target.addresses()) {
      if (!address.isUnresolved()) {
        resolved.add(address);
      } else {
        for (InetAddress each : allByName(address.getHostString())) {
          if (resolved.size() < MOST_ADDRESSES) {
            resolved.add(new InetSocketAddress(each, address.getPort()));
          }
        }
      }
    }
    return resolved;
  }

  /** Takes as long as resolv.conf(5) lets it: by default 10 s for each name server. */
  private static InetAddress[] allByName(String host) throws IOException {
    try {
      return InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw new IOException("no address is known for " + host, e);
    }
  }
}
