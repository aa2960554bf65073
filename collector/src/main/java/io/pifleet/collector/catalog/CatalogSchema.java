package io.pifleet.collector.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The tables of a catalog. Times are seconds since 1970, in UTC. */
final class CatalogSchema {
  /** Of {@code PRAGMA user_version}. A catalog of another version is made again from the store. */
  static final int VERSION = 1;

  private static final String[] TABLES = {
    """
    CREATE TABLE devices (
      id          TEXT PRIMARY KEY,
      first_seen  INTEGER NOT NULL,
      last_seen   INTEGER NOT NULL,
      address     TEXT,
      agent       TEXT
    ) WITHOUT ROWID, STRICT
    """,
    """
    CREATE TABLE archives (
      device       TEXT NOT NULL,
      period       TEXT NOT NULL,
      part         INTEGER NOT NULL,
      conflict     TEXT NOT NULL,
      digest       TEXT NOT NULL,
      covers_from  INTEGER NOT NULL,
      covers_to    INTEGER NOT NULL,
      sealed       INTEGER NOT NULL,
      received     INTEGER NOT NULL,
      bytes        INTEGER NOT NULL,
      records      INTEGER NOT NULL,
      gaps         INTEGER NOT NULL,
      members      INTEGER NOT NULL,
      segments     INTEGER NOT NULL,
      agent        TEXT NOT NULL,
      verified     INTEGER,
      findings     INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (device, period, part, conflict)
    ) WITHOUT ROWID, STRICT
    """,
    "CREATE UNIQUE INDEX archives_by_digest ON archives (device, digest)",
    """
    CREATE TABLE events (
      id      INTEGER PRIMARY KEY,
      at      INTEGER NOT NULL,
      kind    TEXT NOT NULL,
      device  TEXT NOT NULL,
      text    TEXT NOT NULL
    ) STRICT
    """,
  };

  private CatalogSchema() {}

  static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA user_version")) {
      return row.next() ? row.getInt(1) : 0;
    }
  }

  /** Whether there is nothing in the file: it has just been made. */
  static boolean isEmpty(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM sqlite_schema")) {
      return row.next() && row.getInt(1) == 0;
    }
  }

  static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      for (String table : TABLES) {
        statement.execute(table);
      }
      statement.execute("PRAGMA user_version = " + VERSION);
      statement.execute("COMMIT");
    }
  }
}
