package io.pifleet.collector.receive;

import io.pifleet.protocol.transfer.LiveTransfer;
import io.pifleet.protocol.transfer.ReceiverEvents;
import io.pifleet.protocol.wire.Offer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what receivers do, knows the live transfers, and tells the log and the catalog what people
 * want to know. What strangers can cause in any number is counted always and told at a bounded
 * rate. Thread-safe.
 */
public final class ReceptionLog implements ReceiverEvents {
  private static final Logger LOG = LoggerFactory.getLogger(ReceptionLog.class);

  /** Troubles told in a minute. */
  private static final int TOLD_PER_MINUTE = 30;

  /** What a catalog takes of it. Its failures are the catalog's own to report. */
  public interface Memory {
    /** A device delivers an archive whose manifest is valid, or offers what is stored. */
    void seen(String device, String address);

    void event(String kind, String device, String text);
  }

  /** What is counted. */
  public enum Count {
    OFFERS,
    STORED,
    STORED_BYTES,
    HAD,
    BUSY,
    REFUSED,
    BROKEN,
    MISMATCHES,
    TAKEOVERS
  }

  private final Memory memory;
  private final LongSupplier nanoClock;
  private final Map<Count, AtomicLong> counts = new EnumMap<>(Count.class);
  private final Map<LiveTransfer, Long> live = new ConcurrentHashMap<>();
  // Both guarded by this.
  private long minuteStart;
  private int toldThisMinute;

  /**
   * @param nanoClock as {@link System#nanoTime}
   */
  public ReceptionLog(Memory memory, LongSupplier nanoClock) {
    this.memory = memory;
    this.nanoClock = nanoClock;
    minuteStart = nanoClock.getAsLong();
    for (Count count : Count.values()) {
      counts.put(count, new AtomicLong());
    }
  }

  /** Since the start, by lower-case name. */
  public Map<String, Long> counts() {
    Map<String, Long> result = new TreeMap<>();
    for (Count count : Count.values()) {
      String name = count.name().toLowerCase(Locale.ROOT).replace('_', '-');
      result.put(name, counts.get(count).get());
    }
    return result;
  }

  /** What arrives now. */
  public List<LiveTransfer> live() {
    return List.copyOf(live.keySet());
  }

  /** How long it has been arriving on its connection. */
  public Duration age(LiveTransfer transfer) {
    Long since = live.get(transfer);
    return since == null ? Duration.ZERO : Duration.ofNanos(nanoClock.getAsLong() - since);
  }

  @Override
  public void offered(SocketAddress remote, Offer offer) {
    add(Count.OFFERS, 1); // anybody's: its manifest is not read yet
  }

  @Override
  public void started(LiveTransfer transfer) {
    memory.seen(transfer.manifest().device(), address(transfer.remote()));
    live.put(transfer, nanoClock.getAsLong());
  }

  @Override
  public void ended(LiveTransfer transfer, boolean stored) {
    Duration age = age(transfer);
    live.remove(transfer);
    if (stored) {
      add(Count.STORED, 1);
      add(Count.STORED_BYTES, transfer.totalBytes());
      LOG.info(
          "stored {} {} from {}: {} bytes, {} of them in this connection, {} ms",
          transfer.manifest().device(),
          transfer.manifest().name(),
          address(transfer.remote()),
          transfer.manifest().archiveBytes(),
          transfer.arrivedBytes(),
          age.toMillis());
    }
  }

  @Override
  public void had(SocketAddress remote, Offer offer) {
    add(Count.HAD, 1);
    memory.seen(offer.device(), address(remote));
    LOG.debug("{} offered {} again, which is stored", offer.device(), offer.name());
  }

  @Override
  public void mismatched(LiveTransfer transfer, int segment, int times) {
    add(Count.MISMATCHES, 1);
    tell(
        "mismatch",
        transfer.manifest().device(),
        "segment "
            + segment
            + " of "
            + transfer.manifest().name()
            + " did not match its hash, time "
            + times);
  }

  @Override
  public void tookOver(SocketAddress remote, Offer offer) {
    add(Count.TAKEOVERS, 1);
    LOG.debug("{} took over its older connection for {}", offer.device(), offer.name());
  }

  @Override
  public void busy(SocketAddress remote, String device, Duration retryAfter, String reason) {
    add(Count.BUSY, 1);
    LOG.debug("{} is to come back in {} s: {}", device, retryAfter.toSeconds(), reason);
  }

  @Override
  public void refused(SocketAddress remote, String device, IOException cause) {
    add(Count.REFUSED, 1);
    tell("refused", device, "from " + address(remote) + ": " + cause.getMessage());
  }

  @Override
  public void broke(SocketAddress remote, String device, IOException cause) {
    add(Count.BROKEN, 1);
    if (cause.getCause() instanceof RuntimeException defect) {
      LOG.error("connection from {}", address(remote), defect);
    } else {
      LOG.debug("the connection of {} from {} ended: {}", device, address(remote), cause);
    }
  }

  private void add(Count count, long number) {
    counts.get(count).addAndGet(number);
  }

  private void tell(String kind, String device, String text) {
    int more = mayTell();
    if (more < 0) {
      return;
    }
    String bounded = text.length() <= 512 ? text : text.substring(0, 512);
    if (more > 0) {
      LOG.warn("{} more of these in the minute before", more);
    }
    LOG.warn("{} {}: {}", kind, device.isEmpty() ? "(no device)" : device, bounded);
    memory.event(kind, device, bounded);
  }

  /** Negative: not now. Else how many were not told in the minute that has just ended. */
  private synchronized int mayTell() {
    long now = nanoClock.getAsLong();
    int untold = 0;
    if (now - minuteStart >= TimeUnit.MINUTES.toNanos(1)) {
      untold = Math.max(0, toldThisMinute - TOLD_PER_MINUTE);
      minuteStart = now;
      toldThisMinute = 0;
    }
    toldThisMinute++;
    return toldThisMinute <= TOLD_PER_MINUTE ? untold : -1;
  }

  private static String address(SocketAddress remote) {
    return remote instanceof InetSocketAddress address
        ? address.getAddress().getHostAddress()
        : String.valueOf(remote);
  }
}
