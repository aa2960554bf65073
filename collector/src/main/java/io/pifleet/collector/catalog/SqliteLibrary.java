package io.pifleet.collector.catalog;

import java.nio.file.Path;

/**
 * Where the driver finds SQLite. A package puts {@code libsqlitejdbc.so} beside the jars and says
 * where in the system property {@code org.sqlite.lib.path}. Without it the driver unpacks its own
 * copy below {@code org.sqlite.tmpdir}, or else {@code java.io.tmpdir}, which fails where that is
 * mounted noexec: so a daemon has it unpacked into a directory of its own.
 */
public final class SqliteLibrary {
  private static final String LIBRARY_PATH = "org.sqlite.lib.path";
  private static final String TEMPORARY = "org.sqlite.tmpdir";

  private SqliteLibrary() {}

  /**
   * Unpacks into {@code directory}, which exists, unless somebody decided otherwise. Without effect
   * once a catalog has been opened.
   */
  public static void unpackInto(Path directory) {
    if (System.getProperty(LIBRARY_PATH) == null && System.getProperty(TEMPORARY) == null) {
      System.setProperty(TEMPORARY, directory.toString());
    }
  }
}
