package io.pifleet.agent.upload;

import io.pifleet.agent.spool.DeviceClock;
import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.transfer.Deadlines;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers sealed archives, again and again, until their receipts are in. Owns the thread {@code
 * upload} and every connection that it makes; one transfer runs at a time, so that what a device
 * takes of its link and its memory does not depend on its backlog.
 *
 * <p>{@link #start} and {@link #close} belong to the composition root; everything else may be
 * called from any thread.
 */
public final class Uploader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Uploader.class);

  private static final long MAX_CLOSE_MS = 2500;

  /** Longer than every wait that the thread is allowed, and than a manifest takes at 1 KiB/s. */
  private static final Duration STUCK = Duration.ofMinutes(30);

  private final ArchiveQueue queue;
  private final UploadWatch watch = new UploadWatch();
  private final UploadSession session;
  private final Delivery delivery;
  private final Thread thread = new Thread(this::run, "upload");
  private final Object monitor = new Object();
  private boolean news; // guarded by monitor
  private boolean found; // guarded by monitor
  private boolean forgetWaits; // guarded by monitor
  private int hurries; // guarded by monitor
  private volatile UploadSettings settings;
  private volatile Targets targets;
  private volatile boolean stopping;

  /**
   * @param agentVersion at most 64 bytes, for collectors
   * @param backlog is told how many archives wait, whenever that changes; on the upload thread
   */
  public Uploader(
      ArchiveQueue queue,
      Targets targets,
      Connector connector,
      Deadlines deadlines,
      DeviceClock clock,
      UploadSettings settings,
      String agentVersion,
      IntConsumer backlog) {
    this.queue = queue;
    this.targets = targets;
    this.settings = settings;
    RandomGenerator random = new SplittableRandom(); // the default one loads a module of its own
    session = new UploadSession(connector, deadlines, queue, watch, agentVersion, random);
    delivery = new Delivery(queue, clock, session, watch, random, backlog);
    thread.setDaemon(true); // a name server that does not answer holds nobody up
  }

  public void start() {
    thread.start();
  }

  /** From the next pass on. */
  public void reconfigure(UploadSettings newSettings, Targets newTargets) {
    synchronized (monitor) {
      settings = newSettings;
      targets = newTargets;
      forgetWaits = true;
      wake();
    }
  }

  /** An archive was sealed. */
  public void archiveSealed() {
    synchronized (monitor) {
      wake();
    }
  }

  /** A collector has shown up, or changed its address: it is tried now. */
  public void targetFound() {
    synchronized (monitor) {
      found = true;
      wake();
    }
  }

  public UploadStatus status() {
    return watch.status();
  }

  /**
   * Until it is ended, splay and upload window do not count; waits from before are over.
   *
   * @param receipts is told of every receipt meanwhile, on the upload thread, before the archive is
   *     deleted
   */
  public Hurry hurry(Consumer<UploadStatus.LastReceipt> receipts) {
    watch.listen(receipts);
    synchronized (monitor) {
      hurries++;
      forgetWaits = true;
      wake();
    }
    AtomicBoolean ended = new AtomicBoolean();
    return () -> {
      if (ended.compareAndSet(false, true)) {
        watch.forget(receipts);
        synchronized (monitor) {
          hurries--;
        }
      }
    };
  }

  /** Somebody waits for the receipts. */
  public interface Hurry {
    /** May be called more than once. */
    void end();
  }

  /** Sealed archives that are here and lack receipts, oldest first. */
  public List<ArchiveName> undelivered() throws IOException {
    int required = settings.receiptsRequired();
    List<ArchiveName> undelivered = new ArrayList<>();
    for (ArchiveName name : queue.sealed()) {
      try {
        if (queue.receipts(name).size() < required) {
          undelivered.add(name);
        }
      } catch (NoSuchFileException e) {
        LOG.debug("{} is gone", name);
      }
    }
    return undelivered;
  }

  /** Why the thread does nothing any more; empty while it does, however little that is. */
  public Optional<String> stuck() {
    if (stopping) {
      return Optional.empty();
    }
    if (!thread.isAlive()) {
      return Optional.of("the upload thread is gone");
    }
    return watch.silentNanos() < STUCK.toNanos()
        ? Optional.empty()
        : Optional.of("the upload thread hangs");
  }

  /** Stops a running transfer; what the collector has is kept there. Less than 3 s. */
  @Override
  public void close() {
    stopping = true;
    session.stop();
    synchronized (monitor) {
      wake();
    }
    try {
      thread.join(MAX_CLOSE_MS);
      if (thread.isAlive()) {
        LOG.warn("the upload thread did not end within {} ms", MAX_CLOSE_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    String lastFault = "";
    while (!stopping) {
      Duration idle = Delivery.LOOK_AGAIN;
      try {
        takeNews();
        watch.beat();
        idle = delivery.pass(new Delivery.Orders(settings, targets, this::isHurried));
        lastFault = "";
      } catch (IOException | RuntimeException e) {
        String fault = e.toString();
        watch.failed(fault);
        if (!fault.equals(lastFault)) {
          LOG.error("archives cannot be delivered, trying again every {} s", idle.toSeconds(), e);
          lastFault = fault;
        }
      }
      watch.beat();
      awaitNews(idle);
    }
  }

  private boolean isHurried() {
    synchronized (monitor) {
      return hurries > 0;
    }
  }

  /** Guarded by the monitor. */
  private void wake() {
    news = true;
    monitor.notifyAll();
  }

  private void takeNews() {
    boolean allNow;
    boolean foundNow;
    synchronized (monitor) {
      allNow = forgetWaits;
      foundNow = found;
      news = false;
      forgetWaits = false;
      found = false;
    }
    if (allNow) {
      delivery.forgetWaits();
    }
    if (foundNow) {
      delivery.found();
    }
  }

  private void awaitNews(Duration longest) {
    long deadline = System.nanoTime() + longest.toNanos();
    synchronized (monitor) {
      while (!news && !stopping) {
        long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
        if (leftMillis <= 0) {
          return;
        }
        try {
          monitor.wait(leftMillis);
        } catch (InterruptedException e) {
          stopping = true; // nobody else interrupts this thread here
          return;
        }
      }
    }
  }
}
