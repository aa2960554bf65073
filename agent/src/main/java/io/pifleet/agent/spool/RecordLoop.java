package io.pifleet.agent.spool;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code records}: flushes records and gaps, seals at the hour, ends parts and opens the
 * next ones. What fails is tried again at the next flush; nothing waits in memory but the {@link
 * RecordQueue}.
 */
final class RecordLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(RecordLoop.class);

  // The wall clock may be set while this waits.
  private static final long LONGEST_WAIT_NS = Duration.ofSeconds(1).toNanos();
  private static final long RETRY_NS = Duration.ofSeconds(1).toNanos();

  /** How far the clock may go back without a new part: corrections of a clock that is right. */
  private static final Duration MOST_BACK = Duration.ofHours(1);

  /** A clock that goes back to before that has lost its battery: the part is the better witness. */
  private static final Instant EARLIEST = Instant.parse("2026-01-01T00:00:00Z");

  private final DeviceClock clock;
  private final RecordQueue queue;
  private final GapBook gaps;
  private final Parts parts;
  private final FrameEncoder encoder;
  private final SpoolSpace space;
  private final FileIntake intake;
  private final ClockWatch clockWatch;
  private SpoolSettings settings; // guarded by this
  private RecordStream stream;
  private OpenPart part;
  private FileLoop fileLoop;
  private Instant wasOffSince;
  private long startedNs;
  private boolean entered;
  private long lastFlushNs;
  private boolean stopping; // guarded by this, as all below
  private boolean woken;
  private boolean busy;
  private long sealRequests;
  private long sealsDone;
  private OpenPart lastEnded;
  private Instant lastFlush;
  private long openRecords;
  private String problem;

  RecordLoop(
      SpoolSettings settings,
      DeviceClock clock,
      RecordQueue queue,
      GapBook gaps,
      Parts parts,
      FrameEncoder encoder,
      SpoolSpace space,
      FileIntake intake) {
    this.settings = settings;
    this.clock = clock;
    this.queue = queue;
    this.gaps = gaps;
    this.parts = parts;
    this.encoder = encoder;
    this.space = space;
    this.intake = intake;
    this.clockWatch = new ClockWatch(clock);
    this.lastFlushNs = clock.monotonicNanos();
  }

  /** Before the start: the stream that recovery left, in the last part. */
  void adopt(RecordStream recovered, OpenPart last, FileLoop files) {
    stream = recovered;
    part = last;
    fileLoop = files;
    openRecords = recovered.openRecords();
  }

  /** Before the start: since when nothing was taken; told when the time is known. */
  void wasOff(Instant since) {
    wasOffSince = since;
    startedNs = clock.monotonicNanos();
  }

  synchronized void reconfigure(SpoolSettings changed) {
    settings = changed;
    notifyAll();
  }

  /** Something is to be done before the flush interval is over. */
  synchronized void wake() {
    woken = true;
    notifyAll();
  }

  synchronized void stop() {
    stopping = true;
    notifyAll();
  }

  /** Asks to end the part; see {@link #awaitEnd}. */
  synchronized long requestSeal() {
    sealRequests++;
    notifyAll();
    return sealRequests;
  }

  /**
   * Waits until a request was dealt with.
   *
   * @return the part that was ended last, which may be sealed already, or empty when there is none
   * @throws IOException when the spool cannot write
   */
  synchronized Optional<OpenPart> awaitEnd(long request, long deadlineNanos)
      throws IOException, InterruptedException {
    while (sealsDone < request) {
      long left = deadlineNanos - System.nanoTime();
      if (left <= 0) {
        throw new IOException(
            problem == null ? "the spool is still busy" : "the spool cannot write: " + problem);
      }
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
    return Optional.ofNullable(lastEnded);
  }

  /** Whether no round has ended for that long. */
  synchronized boolean isSilentFor(Duration silence) {
    return clock.monotonicNanos() - lastFlushNs > silence.toNanos();
  }

  /** Whether a round is under way or due. */
  synchronized boolean isBusy() {
    return busy || woken;
  }

  /** Durable records of the open segment. */
  synchronized long openRecords() {
    return openRecords;
  }

  synchronized Optional<Instant> lastFlush() {
    return Optional.ofNullable(lastFlush);
  }

  synchronized Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  @Override
  public void run() {
    while (awaitWork()) {
      attempt();
    }
    attempt(); // the last flush
    try {
      stream.close();
    } catch (IOException e) {
      LOG.warn("The open record segment was not closed well", e);
    }
  }

  /** One round; never throws. */
  private void attempt() {
    try {
      round();
      solved();
    } catch (IOException e) {
      failed(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException e) {
      failed(e.toString(), e);
    }
    synchronized (this) {
      openRecords = stream.openRecords();
      busy = false;
    }
  }

  private void round() throws IOException {
    long request;
    synchronized (this) {
      woken = false;
      busy = true;
      request = sealRequests;
    }
    if (!entered) {
      clockWatch.enter(part);
      entered = true;
    }
    if (clockWatch.known() && part.name().isEmpty()) {
      nameNow(clock.now()); // left by an earlier boot that never knew the time
    }
    if (clockWatch.known()) {
      leaveTheFuture(clock.now());
    }
    space.check(clock.now());
    intake.refuse(space.refusal().isPresent());
    flush();
    if (clockWatch.hasBecomeKnown()) {
      timeBecameKnown();
    }
    gaps.flushTo(part);
    Instant now = clock.now();
    if (clockWatch.known()
        && stream.isOpen()
        && stream.hour() != RecordStream.UNKNOWN_HOUR
        && stream.hour() < RecordStream.hourOf(now)) {
      stream.seal(now);
    }
    if (clockWatch.known() && !now.isBefore(part.periodEnd())) {
      endPart(part.periodEnd(), now);
    } else if (part.isFull()) {
      endPart(now, now);
    }
    if (clockWatch.known() && wasOffSince != null) {
      // Into the part of now, although it began in an earlier one: one gap, however long.
      Instant start = clock.now().minusNanos(clock.monotonicNanos() - startedNs);
      if (wasOffSince.isBefore(start)) {
        gaps.add(new Gap(wasOffSince, start, Gap.AGENT, Gap.OFF, -1, ""));
        gaps.flushTo(part);
      }
      wasOffSince = null;
    }
    if (request > sealsDone()) {
      if (part.hasMembers() || stream.isOpen() || !intake.isIdle()) {
        part.drain(intake.waiting());
        endPart(now, now);
      }
      synchronized (this) {
        sealsDone = request;
        notifyAll();
      }
    }
  }

  private synchronized long sealsDone() {
    return sealsDone;
  }

  private void flush() throws IOException {
    for (RecordQueue.Batch batch = queue.take(); batch != null; batch = queue.take()) {
      if (batch.timeKnown() && !clockWatch.known()) {
        timeBecameKnown();
      }
      if (batch.timeKnown() && !batch.arrived().isBefore(part.periodEnd())) {
        endPart(part.periodEnd(), clock.now());
      }
      long hour =
          batch.timeKnown() ? RecordStream.hourOf(batch.arrived()) : RecordStream.UNKNOWN_HOUR;
      if (part.name().isEmpty() && stream.mustSealFor(batch, hour, clock.bootId())) {
        nameNow(clock.now());
      }
      stream.write(batch, hour, clock.bootId(), clock.now());
      queue.release();
      synchronized (this) {
        lastFlush = clock.now();
      }
    }
  }

  /** Records from here on have good stamps; those before get a correction. */
  private void timeBecameKnown() throws IOException {
    long correctionNanos = clockWatch.correctionNanos();
    if (part.name().isEmpty()) {
      nameNow(part.from().plusNanos(correctionNanos));
    }
    clockWatch.becameKnown(part, correctionNanos);
    if (stream.isOpen() && stream.hour() == RecordStream.UNKNOWN_HOUR) {
      stream.seal(clock.now());
    }
  }

  /** The part belongs to the period of now, and covers at most that. */
  private void nameNow(Instant began) throws IOException {
    Instant now = clock.now();
    Period period = settings().period().at(now);
    boolean inPeriod = !began.isBefore(period.start()) && !began.isAfter(now);
    parts.assignName(period, inPeriod ? began : now);
    LOG.info("The open part is {}", part.label());
    fileLoop.wake();
  }

  private void endPart(Instant end, Instant now) throws IOException {
    if (part.name().isEmpty()) {
      nameNow(now);
    }
    Instant to = end.isBefore(part.from()) ? part.from() : end;
    stream.seal(now);
    Period period = settings().period().at(now.isBefore(to) ? to : now);
    // What lies between, a suspended device has slept through.
    turnTo(period, to.isBefore(period.start()) ? period.start() : to, to);
  }

  /** A clock that was wrong has opened a part that would not end for years. */
  private void leaveTheFuture(Instant now) throws IOException {
    Instant from = part.from();
    if (now.isBefore(EARLIEST) || !now.isBefore(from.minus(MOST_BACK))) {
      return;
    }
    LOG.warn("The clock went back to {}: part {} began at {}", now, part.label(), from);
    stream.seal(now);
    turnTo(settings().period().at(now), now, from);
  }

  /** Opens the next part, or finds it open, and journals the end of this one. */
  private void turnTo(Period period, Instant from, Instant to) throws IOException {
    // There is a next one already when an earlier try failed behind making it.
    OpenPart next = parts.last() == part ? parts.openNext(period, from) : parts.last();
    clockWatch.enterNext(next);
    part.append(new JournalEntry.Ended(to));
    LOG.info("Part {} ends, part {} begins", part.label(), next.label());
    synchronized (this) {
      lastEnded = part;
    }
    part = next;
    stream = new RecordStream(next, encoder, settings().segmentMaxBytes());
    fileLoop.wake();
  }

  private synchronized SpoolSettings settings() {
    return settings;
  }

  /** False when it is time to stop. */
  private synchronized boolean awaitWork() {
    while (!stopping) {
      long wait = untilWorkNs();
      if (wait <= 0) {
        return true;
      }
      try {
        wait(Math.max(1, Math.min(wait, LONGEST_WAIT_NS) / 1_000_000));
      } catch (InterruptedException e) {
        stopping = true; // nobody interrupts this thread but a JVM that goes down
      }
    }
    return false;
  }

  private long untilWorkNs() {
    long sinceFlush = clock.monotonicNanos() - lastFlushNs;
    if (problem != null && sinceFlush < RETRY_NS) {
      return RETRY_NS - sinceFlush;
    }
    if (woken || queue.isPressing() || sealRequests > sealsDone || clockWatch.hasBecomeKnown()) {
      return 0;
    }
    long wait = settings.flushInterval().toNanos() - sinceFlush;
    if (clockWatch.known()) {
      Instant now = clock.now();
      Instant hourEnd = Instant.ofEpochSecond((RecordStream.hourOf(now) + 1) * 3600);
      if (stream.isOpen() && stream.hour() < RecordStream.hourOf(now) && stream.hour() >= 0) {
        return 0;
      }
      Instant next = part.periodEnd().isBefore(hourEnd) ? part.periodEnd() : hourEnd;
      wait = Math.min(wait, Duration.between(now, next).toNanos());
    }
    return wait;
  }

  private synchronized void failed(String message, Exception e) {
    if (problem == null) {
      LOG.error(
          "The spool cannot be written; new data waits, and is refused when memory is full", e);
    }
    problem = message;
    lastFlushNs = clock.monotonicNanos();
  }

  private synchronized void solved() {
    if (problem != null) {
      LOG.info("The spool can be written again");
    }
    problem = null;
    lastFlushNs = clock.monotonicNanos();
  }
}
