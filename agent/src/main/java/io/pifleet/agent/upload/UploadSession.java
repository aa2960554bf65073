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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
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
    /** Every archive was dealt with. */
    record Done() implements End {}

    /** The collector named a time to come back. */
    record Busy(Duration retryAfter, String reason) implements End {}

    /** The connection failed, or could not be made. */
    record Broken(String problem) implements End {}

    /** The collector does not take one archive, and closed. */
    record Refused(ArchiveName archive, boolean retryable, String problem) implements End {}
  }

  /**
   * What came of a session.
   *
   * @param collectorId of the receipts that came in, if one did
   */
  record Result(End end, Optional<String> collectorId) {}

  private final Connector connector;
  private final Deadlines deadlines;
  private final ArchiveQueue queue;
  private final UploadWatch watch;
  private final String agentVersion;
  private final RandomGenerator random;
  private final Object monitor = new Object();
  private boolean stopped; // guarded by monitor
  private Connection connection; // guarded by monitor; its owner is the upload thread
  private Optional<String> collectorId = Optional.empty();

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
      }
    }
  }

  Result run(Target target, List<ArchiveName> archives) {
    collectorId = Optional.empty();
    try (Connection open = connect(target);
        ArchiveSender sender = newSender(open)) {
      return new Result(offerAll(target, archives, sender), collectorId);
    } catch (IOException e) {
      return new Result(
          new End.Broken("upload to " + target.label() + " broke off: " + messageOf(e)),
          collectorId);
    } finally {
      watch.ended();
      synchronized (monitor) {
        connection = null;
      }
    }
  }

  private ArchiveSender newSender(Connection open) {
    // Tells connections apart, and keeps no secret: no need for a SecureRandom and its providers.
    UUID attempt = new UUID(random.nextLong(), random.nextLong());
    return new ArchiveSender(open, deadlines, SenderLimits.DEFAULT, agentVersion, attempt);
  }

  private End offerAll(Target target, List<ArchiveName> archives, ArchiveSender sender)
      throws IOException {
    for (ArchiveName name : archives) {
      ArchiveSource source = queue.open(name);
      Manifest manifest = source.manifest();
      watch.sending(name, target.label(), manifest.segments().totalBytes(), sender);
      Outcome outcome;
      try {
        outcome = sender.offer(source, watch);
      } catch (SegmentUnavailableException e) {
        reissue(name, manifest, e.segment());
        throw e;
      }
      if (outcome instanceof Outcome.Stored stored) {
        keep(name, target, stored);
      } else if (outcome instanceof Outcome.Busy busy) {
        return new End.Busy(busy.retryAfter(), busy.reason());
      } else if (outcome instanceof Outcome.Refused refused) {
        return refused(name, target, manifest, refused);
      }
    }
    return new End.Done();
  }

  private void keep(ArchiveName name, Target target, Outcome.Stored stored) throws IOException {
    String from = stored.receipt().collector();
    if (target.expectedId().isPresent() && !target.expectedId().get().equals(from)) {
      throw new IOException(
          "the receipt for " + name + " is from " + from + ", wanted from " + target.label());
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
  }

  private End refused(ArchiveName name, Target target, Manifest manifest, Outcome.Refused refused)
      throws IOException {
    String problem =
        target.label() + " refused " + name + ": " + refused.codeName() + ", " + refused.text();
    if (refused.segment().isPresent()
        && refused.segment().getAsInt() < manifest.segments().count()
        && reissue(name, manifest, refused.segment().getAsInt())) {
      return new End.Broken(problem + "; issued again without what is rotten");
    }
    return new End.Refused(name, refused.retryable(), problem);
  }

  private boolean reissue(ArchiveName name, Manifest manifest, int segment) throws IOException {
    boolean rotten = queue.reissueWithout(name, manifest.digest(), segment);
    if (rotten) {
      LOG.warn("segment {} of {} is rotten on this device: issued again without it", segment, name);
    }
    return rotten;
  }

  /** The first address that answers. */
  private Connection connect(Target target) throws IOException {
    IOException failure = new IOException(target.label() + " has no address");
    for (InetSocketAddress address : resolve(target)) {
      synchronized (monitor) {
        if (stopped) {
          throw new IOException("stopping");
        }
      }
      try {
        Connection open = connector.connect(address);
        synchronized (monitor) {
          connection = open;
          if (stopped) {
            open.stop();
          }
        }
        return open;
      } catch (IOException e) {
        e.addSuppressed(failure);
        failure = e;
      }
    }
    throw failure;
  }

  private static List<InetSocketAddress> resolve(Target target) throws UnknownHostException {
    List<InetSocketAddress> resolved = new ArrayList<>();
    for (InetSocketAddress address : target.addresses()) {
      if (!address.isUnresolved()) {
        resolved.add(address);
      } else {
        for (InetAddress each : InetAddress.getAllByName(address.getHostString())) {
          if (resolved.size() < MOST_ADDRESSES) {
            resolved.add(new InetSocketAddress(each, address.getPort()));
          }
        }
      }
    }
    return resolved;
  }

  private static String messageOf(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
