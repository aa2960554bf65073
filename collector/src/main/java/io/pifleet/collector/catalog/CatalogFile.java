package io.pifleet.collector.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Optional;
import org.sqlite.SQLiteConfig;

/** Opens catalogs: the daemon's own, somebody's to look at, one in memory. */
public final class CatalogFile {
  private static final int BUSY_TIMEOUT_MS = 5_000; // a reader holds a lock for milliseconds
  private static final int CACHE_KIB = 2_048;

  private CatalogFile() {}

  /**
   * Opens a catalog to write; makes an empty one when there is none, when it is damaged, or when it
   * is of another version. What was there is kept beside it as {@code FILE.unusable}.
   */
  public static Catalog open(Path file, Clock clock) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try {
      Optional<Connection> usable = openUsable(file);
      if (usable.isPresent()) {
        return new Catalog(new SqliteConnection(usable.get()), clock);
      }
      setAside(file);
      Connection fresh = connect(file);
      CatalogSchema.create(fresh);
      return new Catalog(new SqliteConnection(fresh), clock);
    } catch (SQLException e) {
      throw new CatalogException("catalog " + file + ": " + e.getMessage(), e);
    }
  }

  /** Empty when the file is damaged, or of another version. */
  private static Optional<Connection> openUsable(Path file) throws SQLException {
    Connection connection = null;
    boolean usable = false;
    try {
      connection = connect(file);
      if (CatalogSchema.isEmpty(connection)) {
        CatalogSchema.create(connection);
      }
      usable = isUsable(connection);
      return usable ? Optional.of(connection) : Optional.empty();
    } catch (SQLException e) {
      if (SqliteConnection.isDamage(e)) {
        return Optional.empty();
      }
      throw e;
    } finally {
      if (!usable && connection != null) {
        connection.close();
      }
    }
  }

  /**
   * Opens a catalog to read, beside a running daemon or without one.
   *
   * @throws CatalogException when there is none, or it is of no use
   */
  public static Catalog openReadOnly(Path file, Clock clock) throws IOException {
    if (!Files.isReadable(file)) {
      throw new CatalogException("catalog " + file + " is not there, or not readable", null);
    }
    try {
      return readOnly(file, "mode=ro", clock);
    } catch (SQLException e) {
      // Without a daemon there is no write-ahead log, and who may not write here cannot make one.
      if (Files.exists(Path.of(file + "-wal"))) {
        throw new CatalogException("catalog " + file + ": " + e.getMessage(), e);
      }
    }
    try {
      return readOnly(file, "mode=ro&immutable=1", clock);
    } catch (SQLException e) {
      throw new CatalogException("catalog " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Opens a catalog that is there, to add to it beside a running daemon.
   *
   * @throws CatalogException when there is none, or this user may not write it
   */
  public static Catalog openBeside(Path file, Clock clock) throws IOException {
    if (!Files.isWritable(file)) {
      throw new CatalogException("catalog " + file + " is not there, or not writable", null);
    }
    try {
      Connection connection = connect(file);
      if (CatalogSchema.version(connection) == CatalogSchema.VERSION) {
        return new Catalog(new SqliteConnection(connection), clock);
      }
      connection.close();
      throw new CatalogException("catalog " + file + " is of another version", null);
    } catch (SQLException e) {
      throw new CatalogException("catalog " + file + ": " + e.getMessage(), e);
    }
  }

  /** An empty catalog that lives as long as it is open. */
  public static Catalog inMemory(Clock clock) throws IOException {
    try {
      Connection connection = config().createConnection("jdbc:sqlite::memory:");
      CatalogSchema.create(connection);
      return new Catalog(new SqliteConnection(connection), clock);
    } catch (SQLException e) {
      throw new CatalogException(e);
    }
  }

  private static Catalog readOnly(Path file, String how, Clock clock) throws SQLException {
    SQLiteConfig config = config();
    config.setReadOnly(true);
    Connection connection =
        config.createConnection("jdbc:sqlite:" + file.toUri().toString() + "?" + how);
    try {
      if (CatalogSchema.version(connection) == CatalogSchema.VERSION) {
        return new Catalog(new SqliteConnection(connection), clock);
      }
      throw new SQLException("it is of another version");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static Connection connect(Path file) throws SQLException {
    SQLiteConfig config = config();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    // With WAL, NORMAL may lose the last changes in a power cut and damages nothing; what is lost
    // is found in the store.
    config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
    return config.createConnection("jdbc:sqlite:" + file);
  }

  private static SQLiteConfig config() {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    config.setCacheSize(-CACHE_KIB); // negative: KiB (sqlite.org/pragma.html#pragma_cache_size)
    config.setTempStore(SQLiteConfig.TempStore.MEMORY);
    return config;
  }

  private static boolean isUsable(Connection connection) throws SQLException {
    if (CatalogSchema.version(connection) != CatalogSchema.VERSION) {
      return false;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA quick_check(1)")) {
      return row.next() && row.getString(1).equals("ok");
    }
  }

  private static void setAside(Path file) throws IOException {
    Files.move(file, Path.of(file + ".unusable"), StandardCopyOption.REPLACE_EXISTING);
    Files.deleteIfExists(Path.of(file + "-wal"));
    Files.deleteIfExists(Path.of(file + "-shm"));
  }
}
