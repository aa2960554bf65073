package io.pifleet.collector.catalog;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * One connection and its prepared statements, which live as long as it does. Thread-safe: one
 * statement at a time.
 */
final class SqliteConnection implements AutoCloseable {
  /** Reads the row that a result stands on. */
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private final Connection connection;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private volatile boolean damaged;

  SqliteConnection(Connection connection) {
    this.connection = connection;
  }

  /**
   * @param sql a constant: each text stays prepared
   * @param values texts, numbers, null
   * @return number of rows changed
   */
  synchronized int change(String sql, Object... values) throws CatalogException {
    try {
      return prepared(sql, values).executeUpdate();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** As {@link #change}; all rows that the statement gives. */
  synchronized <T> List<T> all(RowReader<T> reader, String sql, Object... values)
      throws CatalogException {
    List<T> rows = new ArrayList<>();
    try (ResultSet result = prepared(sql, values).executeQuery()) {
      while (result.next()) {
        rows.add(reader.read(result));
      }
      return rows;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /**
   * As {@link #all}, one row after the other: for more rows than should be in memory. Others wait
   * until the last one is taken.
   */
  synchronized <T> void each(
      RowReader<T> reader, Catalog.Taker<T> taker, String sql, Object... values)
      throws IOException {
    try (ResultSet result = prepared(sql, values).executeQuery()) {
      while (result.next()) {
        taker.take(reader.read(result));
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Several changes that count together or not at all. */
  interface Changes {
    void make() throws IOException;
  }

  synchronized void atOnce(Changes changes) throws IOException {
    change("BEGIN IMMEDIATE");
    try {
      changes.make();
      change("COMMIT");
    } catch (IOException | RuntimeException e) {
      rollBack(e);
      throw e;
    }
  }

  private void rollBack(Exception cause) {
    try {
      change("ROLLBACK");
    } catch (CatalogException second) { // SQLite has done it already, when the disk was full
      cause.addSuppressed(second);
    }
  }

  /** Whether something was read that no database can hold. */
  boolean isDamaged() {
    return damaged;
  }

  /** Whether the file, and not the moment, is to blame. */
  static boolean isDamage(SQLException e) {
    return e instanceof SQLiteException failure
        && (failure.getResultCode() == SQLiteErrorCode.SQLITE_CORRUPT
            || failure.getResultCode() == SQLiteErrorCode.SQLITE_NOTADB);
  }

  private CatalogException failed(SQLException e) {
    damaged |= isDamage(e);
    return new CatalogException(e);
  }

  private PreparedStatement prepared(String sql, Object... values) throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      statements.put(sql, statement);
    }
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  @Override
  public synchronized void close() throws CatalogException {
    try {
      for (PreparedStatement statement : statements.values()) {
        statement.close();
      }
      connection.close();
    } catch (SQLException e) {
      throw new CatalogException(e);
    }
  }
}
