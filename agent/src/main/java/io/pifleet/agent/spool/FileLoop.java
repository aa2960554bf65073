package io.pifleet.agent.spool;

import io.pifleet.agent.plugin.FileChange;
import io.pifleet.protocol.ArchiveName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code files}: takes files one after the other, and makes archives of parts that have
 * ended. A large file delays the archive of the part that it is taken into, and no record.
 */
final class FileLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(FileLoop.class);
  private static final long LONGEST_WAIT_NS = Duration.ofSeconds(1).toNanos();
  private static final long STALLED_NS = Duration.ofMinutes(5).toNanos();
  private static final long RETRY_NS = Duration.ofSeconds(1).toNanos();

  /** The same journal gives the same manifest: only a restart with another agent changes much. */
  private static final long REFUSED_RETRY_NS = Duration.ofMinutes(1).toNanos();

  private final DeviceClock clock;
  private final FileIntake intake;
  private final GapBook gaps;
  private final Parts parts;
  private final FrameEncoder encoder;
  private final SpoolSpace space;
  private final TakenChanges taken;
  private final SpoolListener listener;
  private final SourceFile.Opener opener;
  private final String device;
  private final String agentVersion;
  private final ByteBuffer input = ByteBuffer.allocateDirect(FrameEncoder.MAX_CONTENT);
  private SpoolSettings settings; // guarded by this
  private RecordLoop recordLoop;
  private OpenPart part;
  private FileStream stream;
  private Instant sealedAt;
  private long lastCommitNs;
  private volatile boolean stopping;
  private boolean woken; // guarded by this, as all below
  private String problem;
  private String inHand;
  private Path reading;
  private long movedNs;

  FileLoop(
      SpoolSettings settings,
      DeviceClock clock,
      FileIntake intake,
      GapBook gaps,
      Parts parts,
      FrameEncoder encoder,
      SpoolSpace space,
      TakenChanges taken,
      SpoolListener listener,
      SourceFile.Opener opener,
      String device,
      String agentVersion) {
    this.settings = settings;
    this.clock = clock;
    this.intake = intake;
    this.gaps = gaps;
    this.parts = parts;
    this.encoder = encoder;
    this.space = space;
    this.taken = taken;
    this.listener = listener;
    this.opener = opener;
    this.device = device;
    this.agentVersion = agentVersion;
  }

  /** Before the start. */
  void start(RecordLoop records) {
    recordLoop = records;
    lastCommitNs = clock.monotonicNanos();
    intake.onOffer(this::wake);
  }

  synchronized void reconfigure(SpoolSettings changed) {
    settings = changed;
  }

  synchronized void wake() {
    woken = true;
    notifyAll();
  }

  synchronized void stop() {
    stopping = true;
    notifyAll();
  }

  /**
   * Why files are not taken or no archive is made, if so. A file that cannot be read to its end is
   * no reason for a new start: a thread that waits for a dead disk outlives even SIGKILL, and holds
   * the lock of the spool, while records still go on in this process.
   */
  synchronized Optional<String> problem() {
    long silentNs = clock.monotonicNanos() - movedNs;
    if (problem == null && reading != null && silentNs >= STALLED_NS) {
      return Optional.of(
          "reading %s has not moved for %d min: no archive can be sealed"
              .formatted(reading, Duration.ofNanos(silentNs).toMinutes()));
    }
    return Optional.ofNullable(problem);
  }

  synchronized Optional<String> inHand() {
    return Optional.ofNullable(inHand);
  }

  @Override
  public void run() {
    while (!stopping) {
      try {
        if (!round()) {
          awaitWork();
        }
        solved();
      } catch (ManifestBuilder.RefusedException e) {
        failed(e.getMessage(), e, REFUSED_RETRY_NS);
      } catch (IOException e) {
        failed(String.valueOf(e.getMessage()), e, RETRY_NS);
      } catch (RuntimeException e) {
        failed(e.toString(), e, RETRY_NS);
      }
    }
    if (stream != null) {
      try (FileStream last = stream) {
        last.commit();
      } catch (IOException e) {
        LOG.warn("The last files were not made durable; they will be taken again", e);
      }
    }
  }

  /** Does one thing; false when there is nothing to do. */
  private boolean round() throws IOException {
    enterFirstPart();
    if (part.name().isEmpty()) {
      return false; // the tar header of a member needs the archive's name
    }
    if (part.end().isPresent() && part.drained()) {
      finishPart();
      return true;
    }
    if (part.isFull()) {
      part.drain(0);
      recordLoop.wake(); // which ends it
      return part.end().isPresent();
    }
    FileChange change = intake.poll();
    if (change != null) {
      take(change);
      return true;
    }
    part.drain(0);
    if (part.end().isPresent()) {
      return true;
    }
    if (stream.uncommitted() > 0 && clock.monotonicNanos() - lastCommitNs >= flushIntervalNs()) {
      commit();
    }
    return false;
  }

  private void enterFirstPart() throws IOException {
    OpenPart first = parts.first();
    if (first != part) {
      FileStream entered = newStream(first);
      int end = first.filesEnd();
      if (end > 0) {
        entered.adopt(OpenSegment.reopen(first.path(SpoolFiles.FILES), end));
      }
      part = first;
      stream = entered;
    }
  }

  private FileStream newStream(OpenPart of) {
    return new FileStream(
        of, encoder, settings().segmentMaxBytes(), input, () -> stopping, this::moved);
  }

  private void take(FileChange change) throws IOException {
    Optional<String> shortage = space.makeRoom(FrameEncoder.bound(change.sizeBytes()), clock.now());
    if (shortage.isPresent()) {
      refuse(change, Gap.QUOTA, shortage.get());
      return;
    }
    hold(change);
    try {
      takeHeld(change);
    } finally {
      letGo();
    }
  }

  private void takeHeld(FileChange change) throws IOException {
    SourceFile source;
    try {
      source = opener.open(change);
    } catch (SourceFile.ChangedException | NoSuchFileException e) {
      // The plugin sees what it is now with its next scan.
      LOG.debug("{} is not taken", change.path(), e);
      part.drainedOne();
      intake.dropped(change);
      return;
    } catch (IOException e) {
      LOG.warn("{} cannot be opened; this change of it is not taken", change.path(), e);
      refuse(change, Gap.READ_ERROR, "cannot be opened: " + e);
      taken.add(Fingerprint.of(change)); // until the next start: it would be told at each scan
      return;
    }
    try (source) {
      FileStream.Taken result = stream.take(change, source);
      part.drainedOne(); // before it leaves the intake: rather one file too many than one too few
      switch (result) {
        case WRITTEN -> intake.written(change);
        case DURABLE -> {
          intake.written(change);
          intake.committed();
        }
        case STOPPED -> intake.dropped(change);
      }
    } catch (FileStream.TooLargeException e) {
      tooLarge(change, e);
    } catch (IllegalArgumentException e) { // its path makes no member's name
      refuse(change, Gap.READ_ERROR, e.getMessage());
      taken.add(Fingerprint.of(change)); // until the next start: it would be offered at each scan
    } catch (IOException e) {
      part.drainedOne();
      intake.dropped(change);
      throw e;
    }
  }

  /** The part has no room: the next one may. */
  private void tooLarge(FileChange change, IOException e) {
    if (stream.segmentsFor(change.sizeBytes()) > OpenPart.MAX_SEGMENTS_OF_A_FILE) {
      refuse(change, Gap.READ_ERROR, e.getMessage());
      taken.add(Fingerprint.of(change)); // as above
    } else if (part.end().isEmpty()) {
      intake.putBack(change);
      part.requestEnd();
      recordLoop.wake();
    } else {
      intake.putBack(change);
      part.drain(0);
    }
  }

  private void refuse(FileChange change, String reason, String detail) {
    part.drainedOne();
    intake.dropped(change);
    Instant now = clock.now();
    gaps.add(new Gap(now, now, change.plugin(), reason, -1, detail));
  }

  private void commit() throws IOException {
    long began = clock.monotonicNanos();
    stream.commit();
    lastCommitNs = began;
    intake.committed();
  }

  /** Makes the archive. What fails here is tried again. */
  private void finishPart() throws IOException {
    commit();
    stream.seal();
    Instant to = part.end().orElseThrow();
    if (!part.hasMembers()) {
      discardPart();
      return;
    }
    ArchiveName name = part.name().orElseThrow();
    if (sealedAt == null) {
      sealedAt = clock.now(); // the same one in a second try: the same bytes, the same digest
    }
    Instant sealed = sealedAt;
    taken.persist(part.journal());
    new ManifestBuilder(part, device, agentVersion)
        .replace(part.path(SpoolFiles.MANIFEST), name, to, sealed);
    LOG.info("Sealed {}", name);
    leavePart(Optional.of(name));
    listener.archiveSealed(name);
  }

  /** A part without members makes no archive; its gaps go into the next one. */
  private void discardPart() throws IOException {
    OpenPart next = parts.second();
    if (!next.carriedFrom().equals(part.label())) {
      List<JournalEntry> entries = new ArrayList<>();
      part.journal()
          .replay(
              new JournalVisitor() {
                @Override
                public void gapFound(JournalEntry.GapFound entry) {
                  entries.add(entry);
                }
              });
      entries.add(new JournalEntry.Carried(part.label()));
      next.append(entries.toArray(new JournalEntry[0]));
    }
    leavePart(Optional.empty());
  }

  private void leavePart(Optional<ArchiveName> name) {
    OpenPart left = part;
    try {
      stream.close();
      left.close();
      if (name.isPresent()) {
        Files.deleteIfExists(left.path(SpoolFiles.JOURNAL));
      } else {
        SpoolFiles.deleteDirectory(left.directory());
      }
    } catch (IOException e) {
      LOG.warn("{} is not tidied up; the next start does it", left.label(), e);
    }
    part = null;
    stream = null;
    sealedAt = null;
    parts.removeFirst(name);
  }

  private synchronized SpoolSettings settings() {
    return settings;
  }

  private long flushIntervalNs() {
    return settings().flushInterval().toNanos();
  }

  private synchronized void hold(FileChange change) {
    inHand = change.path() + " (" + change.sizeBytes() + " bytes)";
    reading = change.path();
    moved();
  }

  private synchronized void letGo() {
    inHand = null;
    reading = null;
  }

  private synchronized void moved() {
    movedNs = clock.monotonicNanos();
  }

  private synchronized void awaitWork() {
    long end = System.nanoTime() + LONGEST_WAIT_NS;
    while (!woken && !stopping && pause(end)) {}
    woken = false;
  }

  /** Waits once; false when the time is up. */
  @SuppressWarnings("WaitNotInLoop") // both callers are the loop
  private synchronized boolean pause(long endNanos) {
    long left = (endNanos - System.nanoTime()) / 1_000_000;
    if (left <= 0) {
      return false;
    }
    try {
      wait(left);
    } catch (InterruptedException e) {
      stopping = true; // nobody interrupts this thread but a JVM that goes down
    }
    return true;
  }

  private synchronized void failed(String message, Exception e, long retryNanos) {
    if (problem == null) {
      LOG.error("Files cannot be taken into the spool now; they wait", e);
    }
    problem = message;
    long end = System.nanoTime() + retryNanos;
    while (!stopping && pause(end)) {}
  }

  private synchronized void solved() {
    if (problem != null) {
      LOG.info("Files can be taken again");
    }
    problem = null;
  }
}
