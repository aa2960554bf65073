package io.pifleet.agent.upload;

import io.pifleet.agent.spool.DeviceClock;
import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.transfer.Deadlines;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  /** Without any news, the queue is looked at this often. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  private static final long MAX_CLOSE_MS = 3000;

  /** Longer than every wait that the thread is allowed. */
  private static final long STUCK_NANOS = Duration.ofMinutes(10).toNanos();

  private final ArchiveQueue queue;
  private final DeviceClock clock;
  private final IntConsumer backlog;
  private final UploadSession session;
  private final UploadWatch watch = new UploadWatch();
  private final Map<String, TargetState> states = new HashMap<>(); // upload thread only
  private final RandomGenerator random = RandomGenerator.getDefault();
  private final Thread thread = new Thread(this::run, "upload");
  private final Object monitor = new Object();
  private boolean news; // guarded by monitor
  private boolean forgetWaits; // guarded by monitor
  private int hurries; // guarded by monitor
  private volatile UploadSettings settings;
  private volatile Targets targets;
  private volatile boolean stopping;
  private volatile long beatNanos = System.nanoTime();

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
    this.clock = clock;
    this.settings = settings;
    this.backlog = backlog;
    session = new UploadSession(connector, deadlines, queue, watch, agentVersion, random);
  }

  public void start() {
    thread.start();
  }

  /** From the next pass on. */
  public void reconfigure(UploadSettings newSettings, Targets newTargets) {
    settings = newSettings;
    targets = newTargets;
    targetFound();
  }

  /** An archive was sealed. */
  public void archiveSealed() {
    wake(false);
  }

  /** A collector has shown up, or changed its address: waits from before mean nothing now. */
  public void targetFound() {
    wake(true);
  }

  public UploadStatus status() {
    return watch.status();
  }

  /**
   * Until it is ended, splay, upload window and waits from before do not count.
   *
   * @param receipts is told of every receipt meanwhile, on the upload thread
   */
  public Hurry hurry(Consumer<UploadStatus.LastReceipt> receipts) {
    watch.listen(receipts);
    synchronized (monitor) {
      hurries++;
    }
    wake(true);
    return () -> {
      watch.forget(receipts);
      synchronized (monitor) {
        hurries--;
      }
    };
  }

  /** Somebody waits for the receipts. */
  public interface Hurry {
    /** To be called once. */
    void end();
  }

  /** Whether the archive has the receipts it needs. */
  public boolean isDelivered(ArchiveName name) throws IOException {
    return !queue.sealed().contains(name)
        || queue.receipts(name).size() >= settings.receiptsRequired();
  }

  /** Why the thread does nothing any more; empty while it does, however little that is. */
  public Optional<String> stuck() {
    if (!stopping && !thread.isAlive()) {
      return Optional.of("the upload thread is gone");
    }
    boolean moves = System.nanoTime() - Math.max(beatNanos, watch.movedNanos()) < STUCK_NANOS;
    return moves ? Optional.empty() : Optional.of("the upload thread hangs");
  }

  /** Stops a running transfer; what the collector has is kept there. */
  @Override
  public void close() {
    stopping = true;
    session.stop();
    wake(false);
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
      Duration idle = LOOK_AGAIN;
      try {
        idle = pass();
        lastFault = "";
      } catch (IOException | RuntimeException e) {
        String fault = e.toString();
        watch.failed(fault);
        if (!fault.equals(lastFault)) {
          LOG.error("archives cannot be delivered, trying again every {} s", idle.toSeconds(), e);
          lastFault = fault;
        }
      }
      awaitNews(idle);
    }
  }

  /**
   * Offers what is due to whom it may be offered.
   *
   * @return how long until there may be more to do
   */
  private Duration pass() throws IOException {
    boolean hurried = takeNews();
    List<ArchiveName> due = new ArrayList<>();
    Duration wait = LOOK_AGAIN;
    int undelivered = 0;
    for (ArchiveName name : queue.sealed()) {
      if (queue.receipts(name).size() < settings.receiptsRequired()) {
        undelivered++;
        Duration untilDue = hurried ? Duration.ZERO : untilDue(name);
        if (untilDue.isZero()) {
          due.add(name);
        } else {
          wait = shorter(wait, untilDue);
        }
      }
    }
    if (watch.waiting(undelivered)) {
      backlog.accept(undelivered);
    }
    beatNanos = System.nanoTime();
    if (due.isEmpty()) {
      watch.idle(undelivered == 0 ? "nothing waits" : "waiting for its turn", in(wait));
      return wait;
    }
    Duration untilOpen =
        hurried
            ? Duration.ZERO
            : settings.window().untilOpen(clock.now().atZone(ZoneId.systemDefault()));
    if (!untilOpen.isZero()) {
      watch.idle("waiting for the upload window " + settings.window(), in(untilOpen));
      return shorter(wait, untilOpen);
    }
    return deliver(due, wait);
  }

  private Duration deliver(List<ArchiveName> due, Duration longest) throws IOException {
    Duration wait = longest;
    Targets from = targets;
    List<Target> all = from.now();
    if (all.isEmpty()) {
      watch.idle(from.problem().orElse("no collector is known"), Optional.empty());
      return wait;
    }
    for (Target target : all) {
      long now = clock.monotonicNanos();
      TargetState state =
          states.computeIfAbsent(target.label(), label -> new TargetState(random, now));
      List<ArchiveName> wanted = wantedBy(target, state, due);
      if (!wanted.isEmpty() && !stopping) {
        if (state.waitNanos(now) <= 0) {
          learn(state, from, session.run(target, wanted), target);
        }
        Duration next = Duration.ofNanos(Math.max(state.waitNanos(clock.monotonicNanos()), 0));
        wait = shorter(wait, next);
        watch.idle("waiting to try again", in(next));
      }
    }
    return wait;
  }

  private List<ArchiveName> wantedBy(Target target, TargetState state, List<ArchiveName> due)
      throws IOException {
    List<ArchiveName> wanted = new ArrayList<>();
    for (ArchiveName name : due) {
      Set<String> receipts = queue.receipts(name);
      boolean has =
          target.expectedId().or(state::collectorId).filter(receipts::contains).isPresent();
      if (!has
          && receipts.size() < settings.receiptsRequired()
          && state.wants(name, clock.monotonicNanos())) {
        wanted.add(name);
      }
    }
    return wanted;
  }

  private void learn(TargetState state, Targets from, UploadSession.Result result, Target target) {
    long now = clock.monotonicNanos();
    result
        .collectorId()
        .ifPresent(
            id -> {
              state.delivered(id);
              from.delivered(id);
            });
    UploadSession.End end = result.end();
    if (end instanceof UploadSession.End.Busy busy) {
      state.busy(busy.retryAfter(), now);
      watch.failed(target.label() + " is busy: " + busy.reason());
    } else if (end instanceof UploadSession.End.Refused refused && !refused.retryable()) {
      state.refused(refused.archive(), now);
      watch.failed(refused.problem());
      LOG.warn("{}; it is offered again in a day", refused.problem());
    } else if (end instanceof UploadSession.End.Refused refused) {
      state.failed(now);
      watch.failed(refused.problem());
      LOG.warn("{}", refused.problem());
    } else if (end instanceof UploadSession.End.Broken broken && !stopping) {
      state.failed(now);
      watch.failed(broken.problem());
      LOG.info("{}", broken.problem());
    }
  }

  private Duration untilDue(ArchiveName name) throws IOException {
    Instant due = queue.sealedAt(name).plus(settings.splay());
    Duration wait = Duration.between(clock.now(), due);
    // A wait longer than the splay means that the clock went back: then no stamp can be trusted.
    return wait.isNegative() || wait.compareTo(settings.splay()) > 0 ? Duration.ZERO : wait;
  }

  private Optional<Instant> in(Duration wait) {
    return Optional.of(clock.now().plus(wait));
  }

  private void wake(boolean withoutWaits) {
    synchronized (monitor) {
      news = true;
      forgetWaits |= withoutWaits;
      monitor.notifyAll();
    }
  }

  /** Takes note of what happened since the last pass; true while somebody waits. */
  private boolean takeNews() {
    synchronized (monitor) {
      news = false;
      if (forgetWaits) {
        forgetWaits = false;
        states.values().forEach(state -> state.forgetWaits(clock.monotonicNanos()));
      }
      return hurries > 0;
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
          stopping = true; // nobody else interrupts this thread
          return;
        }
      }
    }
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
