package io.pifleet.agent.spool;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.agent.plugin.FileSink;
import io.pifleet.agent.plugin.RecordSink;
import io.pifleet.protocol.ArchiveName;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what plugins produce, makes it durable, and seals it into archives. Owns the threads {@code
 * records} and {@code files}. Thread-safe.
 */
public final class Spool implements Closeable, RecordSink, FileSink {
  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
  private static final long STOP_LIMIT_MS = 3_000;

  /** Without a write for this long, the thread has lost its way; a dying card is not that slow. */
  private static final Duration STUCK_AFTER = Duration.ofMinutes(10);

  private final Path realDirectory;
  private final SpoolLock lock;
  private final DeviceClock clock;
  private final SealedArchives archives;
  private final Parts parts;
  private final FrameEncoder encoder;
  private final GapBook gaps;
  private final SpoolSpace space;
  private final RecordQueue queue;
  private final FileIntake intake;
  private final RecordLoop recordLoop;
  private final FileLoop fileLoop;
  private final Thread recordThread;
  private final Thread fileThread;
  private volatile SpoolSettings settings;
  private boolean closed;

  private Spool(
      SpoolSettings settings,
      DeviceClock clock,
      String device,
      String agentVersion,
      SpoolListener listener,
      SpaceProbe probe,
      SpoolLock lock)
      throws IOException {
    Path directory = settings.directory();
    this.settings = settings;
    this.clock = clock;
    this.lock = lock;
    realDirectory = directory.toRealPath();
    archives = SealedArchives.in(directory);
    encoder = new FrameEncoder();
    gaps = new GapBook();
    queue = new RecordQueue(clock);
    TakenChanges taken = TakenChanges.load(directory.resolve("taken"));
    intake = new FileIntake(taken, clock);
    parts = new Parts(directory, device, PartNames.load(directory.resolve("names")));
    space = new SpoolSpace(settings, archives, parts, gaps, probe);
    recordLoop = new RecordLoop(settings, clock, queue, gaps, parts, encoder, space, intake);
    fileLoop =
        new FileLoop(
            settings,
            clock,
            intake,
            gaps,
            parts,
            encoder,
            space,
            taken,
            listener,
            SourceFile::open,
            device,
            agentVersion);
    RecordStream stream;
    try {
      stream = recover(new SpoolRecovery(directory, device), taken);
    } catch (IOException | RuntimeException e) {
      encoder.close();
      throw e;
    }
    recordLoop.adopt(stream, parts.last(), fileLoop);
    fileLoop.start(recordLoop);
    recordThread = new Thread(recordLoop, "records");
    fileThread = new Thread(fileLoop, "files");
    recordThread.setDaemon(true); // close() joins them, for a bounded time
    fileThread.setDaemon(true);
  }

  /**
   * Recovers what an earlier run left behind, and continues or opens a part. Takes as long as
   * reading the open segments and journals takes. One process holds a spool: a second one gets an
   * exception.
   *
   * @param device see {@link io.pifleet.protocol.DeviceId}
   * @param agentVersion at most 64 characters, for manifests
   */
  public static Spool open(
      SpoolSettings settings,
      DeviceClock clock,
      String device,
      String agentVersion,
      SpoolListener listener)
      throws IOException {
    return open(
        settings, clock, device, agentVersion, listener, SpaceProbe.of(settings.directory()));
  }

  static Spool open(
      SpoolSettings settings,
      DeviceClock clock,
      String device,
      String agentVersion,
      SpoolListener listener,
      SpaceProbe probe)
      throws IOException {
    Files.createDirectories(settings.directory());
    SpoolLock lock = SpoolLock.take(settings.directory());
    try {
      return new Spool(settings, clock, device, agentVersion, listener, probe, lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Starts the two threads. Once. */
  public void start() {
    recordThread.start();
    fileThread.start();
  }

  @Override
  public boolean accept(String plugin, byte[] lines, int offset, int length, int records) {
    Optional<String> refusal = space.refusal();
    if (refusal.isEmpty() && queue.put(lines, offset, length, records)) {
      if (queue.isPressing()) {
        recordLoop.wake();
      }
      return true;
    }
    Instant now = clock.now();
    gaps.add(
        refusal.isPresent()
            ? new Gap(now, now, plugin, Gap.QUOTA, records, refusal.get())
            : new Gap(now, now, plugin, Gap.QUEUE_FULL, records, recordLoop.problem().orElse("")));
    return false;
  }

  @Override
  public Answer ask(FileChange change) {
    // A pattern such as /var/** would make an archive of archives, without end.
    return isOwn(change) ? Answer.TAKEN : intake.ask(change);
  }

  @Override
  public boolean offer(FileChange change) {
    return isOwn(change) || intake.offer(change);
  }

  private boolean isOwn(FileChange change) {
    return change.path().startsWith(realDirectory);
  }

  @Override
  public void scanned(String plugin) {
    intake.scanned(plugin);
  }

  /**
   * Records that data is missing. Adjoining intervals with the same source, reason and detail
   * become one. Durable with the next flush.
   *
   * @param source plugin, or "agent"
   * @param reason a word of protocol/README.md section 2.4
   * @param records how many were lost, -1 when nobody knows
   * @param detail for people, may be empty
   */
  public void gap(
      Instant from, Instant to, String source, String reason, long records, String detail) {
    gaps.add(new Gap(from, to, source, reason, records, detail));
  }

  /**
   * Ends the open part now, with everything that was accepted and queued before the call, and waits
   * until its archive is durable.
   *
   * @return the archives that were sealed since the call; empty when there was nothing to seal
   * @throws TimeoutException when it takes longer; the part is sealed nevertheless when the file in
   *     hand is through
   * @throws IOException when the spool cannot be written now
   */
  public List<ArchiveName> seal(Duration limit)
      throws IOException, InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + limit.toNanos();
    long before = parts.sealedCount();
    Optional<OpenPart> ended = recordLoop.awaitEnd(recordLoop.requestSeal(), deadline);
    if (ended.isPresent() && !parts.awaitRemoval(ended.get(), deadline)) {
      Optional<String> problem = fileLoop.problem();
      if (problem.isPresent()) {
        throw new IOException("the spool cannot be written: " + problem.get());
      }
      throw new TimeoutException(
          "part "
              + ended.get().label()
              + " is not sealed after "
              + limit.toSeconds()
              + " s"
              + fileLoop.inHand().map(file -> "; still taking " + file).orElse(""));
    }
    return parts.sealedSince(before);
  }

  /** How it stands; what cannot be read just now is a problem in it, not an exception. */
  public SpoolStatus status() {
    long bytes = -1;
    int waiting = -1;
    Optional<String> problem = problem();
    try {
      bytes = space.bytes();
      waiting = archives.names().size();
    } catch (IOException e) {
      problem = Optional.of(problem.orElse("the spool cannot be read: " + e.getMessage()));
    }
    OpenPart part = parts.last();
    return new SpoolStatus(
        bytes,
        settings.maxBytes(),
        part.name().map(ArchiveName::toString).orElse(""),
        part.from(),
        part.records() + recordLoop.openRecords(),
        part.files(),
        part.gaps(),
        gaps.recordsLost(),
        intake.queued(),
        fileLoop.inHand(),
        recordLoop.lastFlush(),
        waiting,
        clock.known(),
        problem);
  }

  /** Whether everything that was accepted and offered so far is durable. */
  boolean isSettled() {
    return queue.isEmpty() && intake.isIdle() && !recordLoop.isBusy();
  }

  /** Whether every record that was accepted so far is durable. */
  boolean isSettledRecords() {
    return queue.isEmpty() && !recordLoop.isBusy();
  }

  /** Lets both threads look at the clock. */
  void wake() {
    recordLoop.wake();
    fileLoop.wake();
  }

  /** Why the spool takes nothing or cannot be written, if so. */
  public Optional<String> problem() {
    return recordLoop
        .problem()
        .or(fileLoop::problem)
        .or(space::refusal)
        .or(intake::problem)
        .or(space::damaged);
  }

  /** Why only a new start can help; empty while both threads do what they can. */
  public Optional<String> stuck() {
    if (!closed() && !(recordThread.isAlive() && fileThread.isAlive())) {
      return Optional.of("a thread of the spool is gone");
    }
    return recordLoop.isSilentFor(STUCK_AFTER.plus(settings.flushInterval()))
        ? Optional.of("the records thread hangs")
        : Optional.empty();
  }

  private synchronized boolean closed() {
    return closed;
  }

  /** The sealed archives. */
  public SealedArchives archives() {
    return archives;
  }

  /** Takes new settings; the directory stays what it was. Effective with the next flush. */
  public void reconfigure(SpoolSettings changed) {
    if (!changed.directory().equals(settings.directory())) {
      throw new IllegalArgumentException("a running spool stays in " + settings.directory());
    }
    settings = changed;
    space.reconfigure(changed);
    fileLoop.reconfigure(changed);
    recordLoop.reconfigure(changed);
  }

  /**
   * Flushes, and stops within 3 s. The open part stays open for the next run; a large file in hand
   * is taken again by it. Idempotent.
   */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    fileLoop.stop();
    recordLoop.stop();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STOP_LIMIT_MS);
    boolean recordsStopped = join(recordThread, deadline);
    boolean stopped = join(fileThread, deadline) && recordsStopped;
    if (!stopped) {
      // They still use the encoder and the journals; the next start recovers.
      throw new IOException("the spool did not stop within " + STOP_LIMIT_MS + " ms");
    }
    for (OpenPart part : parts.all()) {
      part.close();
    }
    encoder.close();
    lock.close();
  }

  private RecordStream recover(SpoolRecovery recovery, TakenChanges taken) throws IOException {
    Instant now = clock.now();
    List<OpenPart> found = recovery.openParts();
    RecordStream last = null;
    for (int i = 0; i < found.size(); i++) {
      OpenPart part = found.get(i);
      last = new PartRecovery(part, encoder).run(taken, settings.segmentMaxBytes(), now);
      parts.adopt(part);
      if (i + 1 < found.size()) { // the crash came between opening the next part and ending this
        last.seal(now);
        endBefore(part, found.get(i + 1));
      }
    }
    if (last != null && parts.last().end().isPresent()) {
      last.seal(now);
      last = null;
    }
    if (last == null) {
      space.check(now);
      OpenPart part =
          clock.known() ? parts.openNext(settings.period().at(now), now) : parts.openUnnamed(now);
      last = new RecordStream(part, encoder, settings.segmentMaxBytes());
    }
    for (String name : recovery.setAside()) {
      String detail = "a part without a readable journal was set aside as " + name;
      Gap gap = new Gap(now, now, Gap.AGENT, Gap.ROT, -1, detail);
      parts.last().append(new JournalEntry.GapFound(gap));
    }
    offSince(recovery.lastWritten(), found).ifPresent(recordLoop::wasOff);
    LOG.info("Spool {}: part {} is open", settings.directory(), parts.last().label());
    return last;
  }

  /** Files that were written while nobody knew the time have times that mean nothing. */
  private static Optional<Instant> offSince(Instant lastWritten, List<OpenPart> found) {
    if (lastWritten == null || found.isEmpty()) {
      return Optional.ofNullable(lastWritten);
    }
    OpenPart last = found.get(found.size() - 1);
    if (last.name().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(lastWritten.isBefore(last.from()) ? last.from() : lastWritten);
  }

  private static void endBefore(OpenPart part, OpenPart next) throws IOException {
    if (part.end().isEmpty()) {
      Instant end = next.from().isBefore(part.from()) ? part.from() : next.from();
      Instant periodEnd = part.periodEnd();
      part.append(new JournalEntry.Ended(periodEnd.isBefore(end) ? periodEnd : end));
    }
  }

  private static boolean join(Thread thread, long deadline) {
    if (thread.getState() == Thread.State.NEW) {
      return true;
    }
    try {
      thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }
}
