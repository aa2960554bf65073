package io.pifleet.agent.upload;

import io.pifleet.agent.spool.DeviceClock;
import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.wire.ProtocolError;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which archives are due, to whom they may be offered now, and what follows from the
 * answers. Owned by the upload thread; not thread-safe.
 */
final class Delivery {
  /** Without any news, the queue is looked at this often. */
  static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  /** Strangers may announce one collector after the other. */
  private static final int MOST_STATES = 64;

  private final ArchiveQueue queue;
  private final DeviceClock clock;
  private final UploadSession session;
  private final UploadWatch watch;
  private final RandomGenerator random;
  private final IntConsumer backlog;
  private final Map<String, TargetState> states = new LinkedHashMap<>();

  /** What a pass goes by. */
  record Orders(UploadSettings settings, Targets targets, BooleanSupplier hurried) {}

  Delivery(
      ArchiveQueue queue,
      DeviceClock clock,
      UploadSession session,
      UploadWatch watch,
      RandomGenerator random,
      IntConsumer backlog) {
    this.queue = queue;
    this.clock = clock;
    this.session = session;
    this.watch = watch;
    this.random = random;
    this.backlog = backlog;
  }

  /** Everything is tried now, whatever happened before. */
  void forgetWaits() {
    states.values().forEach(state -> state.forgetWaits(clock.monotonicNanos()));
  }

  /** A collector has shown up. */
  void found() {
    states.values().forEach(state -> state.found(clock.monotonicNanos()));
  }

  /**
   * Offers what is due to whom it may be offered.
   *
   * @return how long until there may be more to do
   */
  Duration pass(Orders orders) throws IOException {
    List<ArchiveName> undelivered = undelivered(orders.settings().receiptsRequired());
    if (watch.waiting(undelivered.size())) {
      backlog.accept(undelivered.size());
    }
    if (undelivered.isEmpty()) {
      watch.idle("nothing waits", Optional.empty());
      return LOOK_AGAIN;
    }
    boolean hurried = orders.hurried().getAsBoolean();
    int due = hurried ? undelivered.size() : due(undelivered, orders.settings().splay());
    if (due == 0) {
      Duration wait = untilDue(undelivered.get(0), orders.settings().splay());
      watch.idle("waiting for its turn", in(wait));
      return shorter(LOOK_AGAIN, wait);
    }
    Duration untilOpen = untilOpen(orders);
    if (!untilOpen.isZero()) {
      watch.idle("waiting for the upload window " + orders.settings().window(), in(untilOpen));
      return shorter(LOOK_AGAIN, untilOpen);
    }
    return deliver(undelivered.subList(0, due), orders);
  }

  private List<ArchiveName> undelivered(int receiptsRequired) throws IOException {
    List<ArchiveName> undelivered = new ArrayList<>();
    for (ArchiveName name : queue.sealed()) {
      try {
        if (queue.receipts(name).size() < receiptsRequired) {
          undelivered.add(name);
        } else {
          queue.deleteDelivered(name, receiptsRequired); // left by an end between the two steps
        }
      } catch (NoSuchFileException e) {
        LOG.debug("{} is gone", name);
      } catch (IOException e) {
        undelivered.add(name);
        watch.failed(name + " cannot be read: " + e.getMessage());
      }
    }
    return undelivered;
  }

  /**
   * How many of the archives are due. They were sealed one after the other: with one of them, all
   * that are older are due too, so that few are looked at.
   */
  private int due(List<ArchiveName> undelivered, Duration splay) {
    for (int i = undelivered.size() - 1; i >= 0; i--) {
      if (untilDue(undelivered.get(i), splay).isZero()) {
        return i + 1;
      }
    }
    return 0;
  }

  private Duration untilDue(ArchiveName name, Duration splay) {
    if (splay.isZero()) {
      return Duration.ZERO;
    }
    Instant sealed;
    try {
      sealed = queue.sealedAt(name);
    } catch (IOException e) {
      LOG.debug("when {} was sealed cannot be told", name, e);
      return Duration.ZERO; // who opens it will hear the reason
    }
    Duration wait = Duration.between(clock.now(), sealed.plus(splay));
    // A wait longer than the splay means that the clock went back: then no stamp can be trusted.
    return wait.isNegative() || wait.compareTo(splay) > 0 ? Duration.ZERO : wait;
  }

  private Duration untilOpen(Orders orders) {
    return orders.hurried().getAsBoolean()
        ? Duration.ZERO
        : orders.settings().window().untilOpen(clock.now().atZone(ZoneId.systemDefault()));
  }

  private Duration deliver(List<ArchiveName> due, Orders orders) {
    List<Target> all = orders.targets().now();
    if (all.isEmpty()) {
      watch.idle(orders.targets().problem().orElse("no collector is known"), Optional.empty());
      return LOOK_AGAIN;
    }
    Duration wait = LOOK_AGAIN;
    boolean retries = false;
    for (Target target : all) {
      TargetState state = stateOf(target);
      long now = clock.monotonicNanos();
      state.isAt(target.addresses(), now);
      List<ArchiveName> wanted = state.inOrder(lackedBy(target, state, due, orders), now);
      if (wanted.isEmpty() || session.isStopped()) {
        continue;
      }
      if (state.waitNanos(now) <= 0) {
        UploadSession.Result result =
            session.run(
                target,
                wanted,
                () -> untilOpen(orders).isZero(),
                orders.settings().receiptsRequired());
        if (session.isStopped() || learn(target, state, orders.targets(), result)) {
          continue;
        }
      }
      retries = true;
      wait = shorter(wait, Duration.ofNanos(Math.max(state.waitNanos(clock.monotonicNanos()), 0)));
    }
    if (retries) {
      watch.idle("waiting to try again", in(wait));
    } else {
      watch.idle("nothing to send that a known collector takes now", Optional.empty());
    }
    return wait;
  }

  private TargetState stateOf(Target target) {
    TargetState state = states.get(target.label());
    if (state == null) {
      if (states.size() == MOST_STATES) {
        states.remove(states.keySet().iterator().next());
      }
      state = new TargetState(random, clock.monotonicNanos());
      states.put(target.label(), state);
    }
    return state;
  }

  /** Those that are still here, need another receipt, and have none of this collector. */
  private List<ArchiveName> lackedBy(
      Target target, TargetState state, List<ArchiveName> due, Orders orders) {
    Optional<String> id = target.expectedId().or(state::collectorId);
    List<ArchiveName> lacking = new ArrayList<>();
    for (ArchiveName name : due) {
      try {
        Set<String> receipts = queue.receipts(name);
        if (receipts.size() < orders.settings().receiptsRequired()
            && id.filter(receipts::contains).isEmpty()) {
          lacking.add(name);
        }
      } catch (IOException e) {
        LOG.debug("{} is gone, or cannot be read", name, e);
      }
    }
    return lacking;
  }

  /**
   * @return whether all is done for now: nothing is to be tried again soon
   */
  private boolean learn(
      Target target, TargetState state, Targets targets, UploadSession.Result result) {
    long now = clock.monotonicNanos();
    if (result.collectorId().isPresent()) {
      state.delivered(result.collectorId().get());
      targets.delivered(result.collectorId().get());
    }
    for (UploadSession.Unservable one : result.unservable()) {
      state.putBack(one.archive(), TargetState.UNSERVABLE_FOR, now);
      report(state, one.problem());
    }
    UploadSession.End end = result.end();
    if (end instanceof UploadSession.End.Busy busy) {
      state.busy(busy.retryAfter(), now);
      report(state, target.label() + " is busy: " + busy.reason());
    } else if (end instanceof UploadSession.End.Refused refused) {
      learn(state, refused, now);
      report(state, refused.problem());
    } else if (end instanceof UploadSession.End.Broken broken) {
      broken.archive().ifPresent(archive -> state.broken(archive, broken.heldBytes(), now));
      state.failed(now);
      report(state, broken.problem());
    } else {
      if (result.unservable().isEmpty()) {
        state.isNews("");
      }
      return true;
    }
    return false;
  }

  private static void learn(TargetState state, UploadSession.End.Refused refused, long now) {
    int code = refused.how().code();
    if (refused.how().retryable()) {
      state.standBack(refused.archive(), now);
      state.failed(now);
    } else if (code == ProtocolError.VERSION.code() || code == ProtocolError.DEVICE.code()) {
      state.refused(now);
    } else {
      state.putBack(refused.archive(), TargetState.REFUSED_FOR, now); // the others go on
    }
  }

  private void report(TargetState state, String problem) {
    watch.failed(problem);
    if (state.isNews(problem)) {
      LOG.warn("{}", problem);
    } else {
      LOG.debug("{}", problem);
    }
  }

  private Optional<Instant> in(Duration wait) {
    return Optional.of(clock.now().plus(wait));
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
