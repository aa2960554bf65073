package io.pifleet.collector.catalog;

import io.pifleet.collector.store.StoreIndex;
import io.pifleet.collector.store.StoredArchive;
import io.pifleet.collector.store.StoredName;
import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Devices, archives and events of one store. What the store holds is the truth; of what stands only
 * here (addresses, when a device was seen, events, results of verifying) nothing depends.
 *
 * <p>Thread-safe; one statement at a time. Made by {@link CatalogFile}.
 */
public final class Catalog implements StoreIndex, AutoCloseable {
  /** Most events kept; the oldest ones go. */
  static final int MAX_EVENTS = 10_000;

  /** Most devices kept that have no archives; those not seen for longest go. */
  static final int MAX_EMPTY_DEVICES = 1_000;

  private static final int MAX_TEXT = 1024;
  private static final String ARCHIVE_COLUMNS =
      "device, period, part, conflict, digest, covers_from, covers_to, sealed, received, bytes,"
          + " records, gaps, members, segments, agent";

  private final SqliteConnection sqlite;
  private final Clock clock;

  Catalog(SqliteConnection sqlite, Clock clock) {
    this.sqlite = sqlite;
    this.clock = clock;
  }

  @Override
  public Optional<StoredName> find(String device, Sha256 digest) throws IOException {
    return sqlite
        .all(
            Catalog::name,
            "SELECT period, part, conflict FROM archives WHERE device = ? AND digest = ?",
            device,
            digest.toString())
        .stream()
        .findFirst();
  }

  @Override
  public void stored(StoredArchive archive) throws IOException {
    long received = archive.received().getEpochSecond();
    sqlite.atOnce(
        () -> {
          sqlite.change(
              "INSERT OR REPLACE INTO archives ("
                  + ARCHIVE_COLUMNS
                  + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
              archive.device(),
              archive.name().archive().period(),
              archive.name().archive().part(),
              archive.name().conflict(),
              archive.digest().toString(),
              archive.from().getEpochSecond(),
              archive.to().getEpochSecond(),
              archive.sealed().getEpochSecond(),
              received,
              archive.bytes(),
              archive.records(),
              archive.gaps(),
              archive.members(),
              archive.segments(),
              archive.agent());
          sqlite.change(
              "INSERT INTO devices (id, first_seen, last_seen, agent) VALUES (?, ?, ?, ?)"
                  + " ON CONFLICT (id) DO UPDATE SET"
                  + " agent = iif(excluded.last_seen >= last_seen, excluded.agent, agent),"
                  + " first_seen = min(first_seen, excluded.first_seen),"
                  + " last_seen = max(last_seen, excluded.last_seen)",
              archive.device(),
              received,
              received,
              archive.agent());
        });
  }

  /**
   * A device has begun to deliver, or offered what is stored, from this address. Of the devices
   * that have no archives, those not seen for longest are dropped past {@value #MAX_EMPTY_DEVICES}:
   * anybody can make up an id and begin.
   */
  public void seen(String device, String address) throws IOException {
    long now = clock.instant().getEpochSecond();
    sqlite.atOnce(
        () -> {
          int known =
              sqlite.change(
                  "UPDATE devices SET last_seen = max(last_seen, ?), address = ? WHERE id = ?",
                  now,
                  bounded(address),
                  device);
          if (known == 0) {
            sqlite.change(
                "DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE NOT EXISTS"
                    + " (SELECT 1 FROM archives WHERE device = id)"
                    + " ORDER BY last_seen DESC LIMIT -1 OFFSET "
                    + (MAX_EMPTY_DEVICES - 1)
                    + ")");
            sqlite.change(
                "INSERT INTO devices (id, first_seen, last_seen, address) VALUES (?, ?, ?, ?)",
                device,
                now,
                now,
                bounded(address));
          }
        });
  }

  @Override
  public void removed(String device, StoredName name) throws IOException {
    sqlite.change(
        "DELETE FROM archives WHERE device = ? AND period = ? AND part = ? AND conflict = ?",
        device,
        name.archive().period(),
        name.archive().part(),
        name.conflict());
  }

  @Override
  public void forgotten(String device) throws IOException {
    sqlite.atOnce(
        () -> {
          sqlite.change("DELETE FROM archives WHERE device = ?", device);
          sqlite.change("DELETE FROM devices WHERE id = ?", device);
        });
  }

  @Override
  public SortedSet<StoredName> names(String device) throws IOException {
    return new TreeSet<>(
        sqlite.all(
            Catalog::name, "SELECT period, part, conflict FROM archives WHERE device = ?", device));
  }

  @Override
  public List<String> devicesWithArchives() throws IOException {
    return sqlite.all(
        row -> row.getString(1), "SELECT DISTINCT device FROM archives ORDER BY device");
  }

  @Override
  public Optional<Instant> newestReceived() throws IOException {
    return Optional.ofNullable(
        sqlite
            .all(
                row -> new Newest(instant(row, "newest")),
                "SELECT max(received) AS newest FROM archives")
            .get(0)
            .received());
  }

  private record Newest(Instant received) {}

  @Override
  public List<StoredArchive> byAge(String device) throws IOException {
    return sqlite.all(
        Catalog::archive,
        "SELECT "
            + ARCHIVE_COLUMNS
            + " FROM archives WHERE device = ? ORDER BY received, period, part, conflict",
        device);
  }

  /**
   * Takes rows one by one.
   *
   * @param <T> what is made of a row
   */
  public interface Taker<T> {
    /** What it throws ends the reading. Must not use the catalog. */
    void take(T row) throws IOException;
  }

  /**
   * The archives of a device, or of all, by device, period and part; only one of them is in memory
   * at a time.
   *
   * @param device empty: of all
   */
  public void archives(Optional<String> device, Taker<ArchiveRow> taker) throws IOException {
    String wanted = device.orElse(null);
    sqlite.each(
        row -> new ArchiveRow(archive(row), instant(row, "verified"), row.getInt("findings")),
        taker,
        "SELECT "
            + ARCHIVE_COLUMNS
            + ", verified, findings FROM archives WHERE ?1 IS NULL OR device = ?1"
            + " ORDER BY device, period, part, conflict",
        wanted);
  }

  /** All devices, by id. */
  public List<DeviceRow> devices() throws IOException {
    return sqlite.all(
        row ->
            new DeviceRow(
                row.getString("id"),
                instant(row, "first_seen"),
                instant(row, "last_seen"),
                orEmpty(row.getString("address")),
                orEmpty(row.getString("agent")),
                row.getInt("archives"),
                row.getLong("bytes"),
                row.getInt("archives") == 0 ? "" : name(row).toString(),
                instant(row, "last_received")),
        // With max(), SQLite takes the bare columns from the row that has the maximum
        // (sqlite.org/lang_select.html, "bare columns in an aggregate query").
        "SELECT id, first_seen, last_seen, address, devices.agent AS agent,"
            + " count(device) AS archives, coalesce(sum(bytes), 0) AS bytes,"
            + " period, part, conflict, max(received) AS last_received"
            + " FROM devices LEFT JOIN archives ON device = id GROUP BY id ORDER BY id");
  }

  /**
   * How many devices have delivered nothing since an instant, among those known.
   *
   * @param since the youngest archive of a late device is older
   */
  public int lateDevices(Instant since) throws IOException {
    return sqlite
        .all(
            row -> row.getInt(1),
            "SELECT count(*) FROM devices WHERE coalesce("
                + "(SELECT max(received) FROM archives WHERE device = id), first_seen) < ?",
            since.getEpochSecond())
        .get(0);
  }

  /** How much there is. */
  public Totals totals() throws IOException {
    return sqlite
        .all(
            row -> new Totals(row.getInt(1), row.getInt(2), row.getLong(3)),
            "SELECT (SELECT count(*) FROM devices), count(*), coalesce(sum(bytes), 0) FROM archives")
        .get(0);
  }

  /**
   * @param devices known
   * @param archives stored
   * @param bytes of them
   */
  public record Totals(int devices, int archives, long bytes) {}

  /** Remembers that an archive was read again, and how many things were wrong. */
  public void verified(String device, StoredName name, int findings) throws IOException {
    sqlite.change(
        "UPDATE archives SET verified = ?, findings = ?"
            + " WHERE device = ? AND period = ? AND part = ? AND conflict = ?",
        clock.instant().getEpochSecond(),
        findings,
        device,
        name.archive().period(),
        name.archive().part(),
        name.conflict());
  }

  /**
   * Remembers that something happened; the oldest events are dropped for it past {@value
   * #MAX_EVENTS}.
   *
   * @param text bounded here
   */
  public void event(String kind, String device, String text) throws IOException {
    sqlite.atOnce(
        () -> {
          sqlite.change(
              "INSERT INTO events (at, kind, device, text) VALUES (?, ?, ?, ?)",
              clock.instant().getEpochSecond(),
              kind,
              device,
              bounded(text));
          sqlite.change(
              "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - " + MAX_EVENTS);
        });
  }

  /** The last events, the newest one first. */
  public List<EventRow> events(int limit) throws IOException {
    return sqlite.all(
        row ->
            new EventRow(
                instant(row, "at"),
                row.getString("kind"),
                row.getString("device"),
                row.getString("text")),
        "SELECT at, kind, device, text FROM events ORDER BY id DESC LIMIT ?",
        limit);
  }

  /** What a restart would mend, by making the catalog again from the store. */
  public Optional<String> damage() {
    return sqlite.isDamaged()
        ? Optional.of("it is damaged; a restart makes it again from the store")
        : Optional.empty();
  }

  @Override
  public void close() throws IOException {
    sqlite.close();
  }

  private static StoredName name(ResultSet row) throws SQLException {
    return new StoredName(
        new ArchiveName(row.getString("period"), row.getInt("part")), row.getString("conflict"));
  }

  private static StoredArchive archive(ResultSet row) throws SQLException {
    return new StoredArchive(
        row.getString("device"),
        name(row),
        Sha256.parse(row.getString("digest")).orElseThrow(() -> new SQLException("bad digest")),
        instant(row, "covers_from"),
        instant(row, "covers_to"),
        instant(row, "sealed"),
        instant(row, "received"),
        row.getLong("bytes"),
        row.getLong("records"),
        row.getInt("gaps"),
        row.getInt("members"),
        row.getInt("segments"),
        row.getString("agent"));
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    long seconds = row.getLong(column);
    return row.wasNull() ? null : Instant.ofEpochSecond(seconds);
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  private static String bounded(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }
}
