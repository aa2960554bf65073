package io.pifleet.agent.spool;

import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestException;
import io.pifleet.protocol.archive.ManifestReader;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.archive.ManifestWriter;
import io.pifleet.protocol.archive.Sha256;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;

/**
 * Makes the manifest of a part by reading its journal once for each list, so that memory does not
 * grow with the lists. Members and segments come in this order: those of the record stream as they
 * were sealed, then those of the file stream.
 */
final class ManifestBuilder {
  private final OpenPart part;
  private final String device;
  private final String agentVersion;

  ManifestBuilder(OpenPart part, String device, String agentVersion) {
    this.part = part;
    this.device = device;
    this.agentVersion = agentVersion;
  }

  /** A manifest that its own reader refuses, as every collector would. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Writes the manifest of a part whose segments are all sealed, and reads it back before it
   * becomes final: the journal, from which it could be made again, is removed then.
   *
   * @throws RefusedException when it is no good; there is no manifest then
   */
  void replace(Path target, ArchiveName name, Instant to, Instant sealed) throws IOException {
    MessageDigest hasher = Sha256.hasher();
    SpoolFiles.replace(
        target,
        stream -> writeTo(new DigestOutputStream(stream, hasher), name, to, sealed),
        file -> readBack(file, name, Sha256.of(hasher)));
  }

  private void readBack(Path file, ArchiveName name, Sha256 digest) throws IOException {
    Manifest found;
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(file), 1 << 13)) {
      found = ManifestReader.read(stream, ManifestVisitor.NONE);
    } catch (ManifestException e) {
      throw new RefusedException(
          "part " + name + " stays open, its manifest would be refused: " + e.getMessage(), e);
    }
    PartSummary wanted = part.summary();
    if (!found.digest().equals(digest)
        || !found.name().equals(name)
        || found.members() != wanted.members
        || found.segments().count() != wanted.segments) {
      throw new RefusedException(
          "part %s stays open, its manifest reads back as %s with %d members, %d segments, digest %s; wanted: %d, %d, %s"
              .formatted(
                  name,
                  found.name(),
                  found.members(),
                  found.segments().count(),
                  found.digest(),
                  wanted.members,
                  wanted.segments,
                  digest),
          null);
    }
  }

  private void writeTo(OutputStream target, ArchiveName name, Instant to, Instant sealed)
      throws IOException {
    PartJournal journal = part.journal();
    PartSummary counted = new PartSummary();
    journal.replay(counted);
    try (ManifestWriter manifest = new ManifestWriter(target)) {
      manifest.begin(device, name, counted.from, to, sealed, agentVersion);
      manifest.counter("records", counted.records);
      manifest.counter("files", counted.files);
      for (JournalEntry.ClockSeen clock : counted.clocks.values()) {
        manifest.clock(clock.boot(), clock.known(), clock.correctionNanos());
      }
      writeGaps(journal, manifest);
      int recordSegments = writeRecordMembers(journal, manifest);
      writeFileMembers(journal, manifest, recordSegments);
      writeSegments(journal, manifest);
    }
  }

  private static void writeGaps(PartJournal journal, ManifestWriter manifest) throws IOException {
    GapMerger merger =
        new GapMerger(
            gap ->
                manifest.gap(
                    gap.from(), gap.to(), gap.source(), gap.reason(), gap.records(), gap.detail()));
    journal.replay(
        new JournalVisitor() {
          @Override
          public void gapFound(JournalEntry.GapFound entry) throws IOException {
            merger.add(entry.gap());
          }
        });
    merger.flush();
  }

  private static int writeRecordMembers(PartJournal journal, ManifestWriter manifest)
      throws IOException {
    int[] segments = {0};
    journal.replay(
        new JournalVisitor() {
          @Override
          public void recordsSealed(JournalEntry.RecordsSealed entry) throws IOException {
            manifest.member(entry.member(), entry.size(), segments[0]++, 1);
          }
        });
    return segments[0];
  }

  private static void writeFileMembers(
      PartJournal journal, ManifestWriter manifest, int firstSegment) throws IOException {
    journal.replay(
        new JournalVisitor() {
          private int segment = firstSegment;

          @Override
          public void fileTaken(JournalEntry.FileTaken entry) throws IOException {
            manifest.member(entry.member(), entry.size(), segment, 1);
          }

          @Override
          public void filesSealed(JournalEntry.FilesSealed entry) {
            segment++;
          }

          @Override
          public void largeFileTaken(JournalEntry.LargeFileTaken entry) throws IOException {
            manifest.member(entry.member(), entry.size(), segment, entry.slices());
            segment += entry.slices();
          }
        });
  }

  private static void writeSegments(PartJournal journal, ManifestWriter manifest)
      throws IOException {
    journal.replay(
        new JournalVisitor() {
          @Override
          public void recordsSealed(JournalEntry.RecordsSealed entry) throws IOException {
            manifest.segment(entry.hash(), entry.segmentBytes());
          }
        });
    journal.replay(
        new JournalVisitor() {
          @Override
          public void filesSealed(JournalEntry.FilesSealed entry) throws IOException {
            segment(entry.hash(), entry.segmentBytes());
          }

          @Override
          public void sliceSealed(JournalEntry.SliceSealed entry) throws IOException {
            segment(entry.hash(), entry.segmentBytes());
          }

          private void segment(Sha256 hash, int bytes) throws IOException {
            manifest.segment(hash, bytes);
          }
        });
  }
}
