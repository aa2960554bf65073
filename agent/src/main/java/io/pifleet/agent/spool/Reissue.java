package io.pifleet.agent.spool;

import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.archive.ManifestWriter;
import io.pifleet.protocol.archive.SegmentTable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.BitSet;

/** Writes the manifest of an archive again, without segments that are lost. Runs once. */
final class Reissue {
  private static final int MAX_DETAIL_NAME = 200;

  private final SealedArchive archive;
  private final Path directory;
  private final BitSet kept;

  Reissue(SealedArchive archive, Path directory, BitSet lost) {
    this.archive = archive;
    this.directory = directory;
    this.kept = new BitSet();
    kept.set(0, archive.manifest().segments().count());
    kept.andNot(lost);
  }

  void run() throws IOException {
    // A large member whose slice is lost takes its other slices with it.
    read(
        new ManifestVisitor() {
          @Override
          public void member(String name, long sizeBytes, int first, int segments) {
            if (!isKept(first, segments)) {
              kept.clear(first, first + segments);
            }
          }
        });
    SpoolFiles.replace(directory.resolve(SpoolFiles.MANIFEST), this::write);
    deleteUnlisted();
  }

  private void write(OutputStream target) throws IOException {
    Manifest old = archive.manifest();
    try (ManifestWriter manifest = new ManifestWriter(target)) {
      manifest.begin(old.device(), old.name(), old.from(), old.to(), old.sealed(), old.agent());
      for (var counter : old.counters().entrySet()) {
        manifest.counter(counter.getKey(), counter.getValue());
      }
      read(
          new ManifestVisitor() {
            @Override
            public void clock(String boot, boolean known, long correctionNanos) throws IOException {
              manifest.clock(boot, known, correctionNanos);
            }
          });
      writeGaps(manifest, old);
      read(
          new ManifestVisitor() {
            @Override
            public void member(String name, long sizeBytes, int first, int segments)
                throws IOException {
              if (isKept(first, segments)) {
                manifest.member(name, sizeBytes, kept.get(0, first).cardinality(), segments);
              }
            }
          });
      SegmentTable table = old.segments();
      for (int i = kept.nextSetBit(0); i >= 0; i = kept.nextSetBit(i + 1)) {
        manifest.segment(table.hash(i), table.sizeBytes(i));
      }
    }
  }

  /** The old gaps, and one for each run of lost members: thousands may share a segment. */
  private void writeGaps(ManifestWriter manifest, Manifest old) throws IOException {
    read(
        new ManifestVisitor() {
          @Override
          public void gap(
              Instant from, Instant to, String source, String reason, long records, String detail)
              throws IOException {
            manifest.gap(from, to, source, reason, records, detail);
          }
        });
    LostRuns runs =
        new LostRuns(detail -> manifest.gap(old.from(), old.to(), Gap.AGENT, Gap.ROT, -1, detail));
    read(
        new ManifestVisitor() {
          @Override
          public void member(String name, long sizeBytes, int first, int segments)
              throws IOException {
            if (isKept(first, segments)) {
              runs.end();
            } else {
              runs.lost(name);
            }
          }
        });
    runs.end();
  }

  /** Tells runs of lost members. */
  private static final class LostRuns {
    private interface Teller {
      void tell(String detail) throws IOException;
    }

    private final Teller teller;
    private String first;
    private int count;

    LostRuns(Teller teller) {
      this.teller = teller;
    }

    void lost(String name) {
      if (count++ == 0) {
        first = name.length() > MAX_DETAIL_NAME ? name.substring(0, MAX_DETAIL_NAME) + "…" : name;
      }
    }

    void end() throws IOException {
      if (count > 0) {
        teller.tell(
            count == 1 ? "lost " + first : "lost " + first + " and " + (count - 1) + " more");
      }
      count = 0;
    }
  }

  private void deleteUnlisted() throws IOException {
    SegmentTable table = archive.manifest().segments();
    BitSet listedAgain = new BitSet();
    for (int i = 0; i < table.count(); i++) {
      for (int k = kept.nextSetBit(0); !kept.get(i) && k >= 0; k = kept.nextSetBit(k + 1)) {
        if (table.hash(k).equals(table.hash(i))) {
          listedAgain.set(i); // an equal slice of another member
        }
      }
      if (!kept.get(i) && !listedAgain.get(i)) {
        Files.deleteIfExists(directory.resolve(table.hash(i) + SpoolFiles.SEGMENT_SUFFIX));
      }
    }
  }

  private boolean isKept(int first, int segments) {
    return kept.nextClearBit(first) >= first + segments;
  }

  private void read(ManifestVisitor visitor) throws IOException {
    SealedArchive.open(directory, visitor);
  }
}
