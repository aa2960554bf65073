package io.pifleet.agent.spool;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.time.Instant;

/** One line of a part's journal. agent/spool.md has the table of kinds and keys. */
sealed interface JournalEntry {

  /** Shows this entry to its method. */
  void visit(JournalVisitor visitor) throws IOException;

  /** Writes kind and keys into an object that is open. */
  void write(JsonGenerator json) throws IOException;

  /** Whether a {@link Voided} can take it back: entries of the file stream. */
  default boolean isOfFiles() {
    return false;
  }

  /**
   * The part began, or got its name.
   *
   * @param archive name of the archive, empty while the time is not known
   * @param from start of the interval that the part covers
   * @param periodEnd when it has to end; {@code from} while the time is not known
   */
  record Begun(String archive, Instant from, Instant periodEnd) implements JournalEntry {
    static final String KIND = "begun";

    @Override
    public void visit(JournalVisitor visitor) throws IOException {
      visitor.begun(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("kind", KIND);
      json.writeStringField("archive", archive);
      json.writeStringField("from", from.toString());
      json.writeStringField("period-end", periodEnd.toString());
    }
  }

  /**
   * The part is closing: nothing new comes into it.
   *
   * @param to end of the interval that it covers
   */
  record Ended(Instant to) implements JournalEntry {
    static final String KIND = "ended";

    @Override
    public void visit(JournalVisitor visitor) throws IOException {
      visitor.ended(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("kind", KIND);
      json.writeStringField("to", to.toString());
    }
  }

  /**
   * An open record segment was begun.
   *
   * @param hour since 1970, of its records; -1 when the time is not known
   */
  record RecordsOpened(String member, long hour) implements JournalEntry {
    static final String KIND = "records-opened";

    @Override
    public void visit(JournalVisitor visitor) throws IOException {
      visitor.recordsOpened(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("kind", KIND);
      json.writeStringField("member", member);
      json.writeNumberField("hour", hour);
    }
  }

  /**
   * A record segment was sealed.
   *
   * @param size of the member's content
   * @param segmentBytes of the segment
   */
  record RecordsSealed(String member, long size, long records, Sha256 hash, int segmentBytes)
      implements JournalEntry {
    static final String KIND = "records";

    @Override
    public void visit(JournalVisitor visitor) throws IOException {
      visitor.recordsSealed(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("kind", KIND);
      json.writeStringField("member", member);
      json.writeNumberField("size", size);
      json.writeNumberField("records", records);
      json.writeStringField("sha256", hash.toString());
      json.writeNumberField("bytes", segmentBytes);
    }
  }

  /**
   * A whole small file stands durably in the open files segment.
   *
   * @param fingerprint of the change
   * @param end where it ends in the open segment
   */
  record FileTaken(String member, long size, Fingerprint fingerprint, int end)
      implements JournalEntry {
    static final String KIND = "file";

    @Override
    public void visit(JournalVisitor visitor) throws IOException {
      visitor.fileTaken(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("kind", KIND);
      json.writeStringField("member", member);
      json.writeNumberField("size", size);
      json.writeStringField("change", fingerprint.toString());
      json.writeNumberField("end", end);
    }

    @Override
    public boolean isOfFiles() {
      return true;
    }
  }

  /** The files segment with all files taken since the last sealing was sealed. */
  record FilesSealed(Sha256 hash, int segmentBytes) implements JournalEntry {
    static final String KIND = "files";

    @Override
    public void visit(JournalVisitor visitor) throws IOException {
      visitor.filesSealed(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("kind", KIND);
      json.writeStringField("sha256", hash.toString());
      json.writeNumberField("bytes", segmentBytes);
    }

    @Override
    public boolean isOfFiles() {
      return true;
    }
  }

  /** The next slice of a large file was sealed. */
  record SliceSealed(Sha256 hash, int segmentBytes) implements JournalEntry {
    static final String KIND = "slice";

    @Override
    public void visit(JournalVisitor visitor) throws IOException {
      visitor.sliceSealed(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("kind", KIND);
      json.writeStringField("sha256", hash.toString());
      json.writeNumberField("bytes", segmentBytes);
    }

    @Override
    public boolean isOfFiles() {
      return true;
    }
  }

  /**
   * A large file is complete.
   *
   * @param slices how many slices before this entry are its
   */
  record LargeFileTaken(String member, long size, Fingerprint fingerprint, int slices)
      implements JournalEntry {
    static final String KIND = "large-file";

    @Override
    public void visit(JournalVisitor visitor) throws IOException {
      visitor.largeFileTaken(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("kind", KIND);
      json.writeStringField("member", member);
      json.writeNumberField("size", size);
      json.writeStringField("change", fingerprint.toString());
      json.writeNumberField("slices", slices);
    }

    @Override
    public boolean isOfFiles() {
      return true;
    }
  }

  /**
   * Entries of the file stream do not count: the slices of a file that was given up, or files whose
   * bytes were lost.
   *
   * @param since offset in the journal of the first of them; this entry ends the range
   */
  record Voided(long since) implements JournalEntry {
    static final String KIND = "void";

    @Override
    public void visit(JournalVisitor visitor) throws IOException {
      visitor.voided(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("kind", KIND);
      json.writeNumberField("since", since);
    }
  }

  /** Data is missing. */
  record GapFound(Gap gap) implements JournalEntry {
    static final String KIND = "gap";

    @Override
    public void visit(JournalVisitor visitor) throws IOException {
      visitor.gapFound(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("kind", KIND);
      json.writeStringField("from", gap.from().toString());
      json.writeStringField("to", gap.to().toString());
      json.writeStringField("source", gap.source());
      json.writeStringField("reason", gap.reason());
      json.writeNumberField("records", gap.records());
      json.writeStringField("detail", gap.detail());
    }
  }

  /**
   * A boot of this part. The last entry of a boot counts.
   *
   * @param correctionNanos what has to be added to the stamps in its {@code boot-} members
   * @param baseNanos wall clock less monotonic clock while the time was not known
   */
  record ClockSeen(String boot, boolean known, long correctionNanos, long baseNanos)
      implements JournalEntry {
    static final String KIND = "clock";

    @Override
    public void visit(JournalVisitor visitor) throws IOException {
      visitor.clockSeen(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("kind", KIND);
      json.writeStringField("boot", boot);
      json.writeBooleanField("known", known);
      json.writeNumberField("correction-ns", correctionNanos);
      json.writeNumberField("base-ns", baseNanos);
    }
  }

  /** Gaps of an earlier part, which stays without an archive, were all copied into this one. */
  record Carried(String fromPart) implements JournalEntry {
    static final String KIND = "carried";

    @Override
    public void visit(JournalVisitor visitor) throws IOException {
      visitor.carried(this);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("kind", KIND);
      json.writeStringField("from-part", fromPart);
    }
  }
}
