package io.pifleet.daemon.logging;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where log lines are written, and whether the journal reads them.
 *
 * @param bytes not buffered: a line is one write(2), so that lines of two processes do not mix
 * @param isJournal whether lines begin with a priority
 */
record LogStream(OutputStream bytes, boolean isJournal) {
  static LogStream stdout(Map<String, String> environment) {
    return new LogStream(new FileOutputStream(FileDescriptor.out), isJournal(1, environment));
  }

  static LogStream stderr(Map<String, String> environment) {
    return new LogStream(new FileOutputStream(FileDescriptor.err), isJournal(2, environment));
  }

  private static boolean isJournal(int descriptor, Map<String, String> environment) {
    return isJournal(Path.of("/proc/self/fd/" + descriptor), environment.get("JOURNAL_STREAM"));
  }

  /**
   * Whether {@code file} is the stream that JOURNAL_STREAM names as {@code device:inode}. The
   * variable alone says too little: a child whose output goes elsewhere inherits it
   * (systemd.exec(5)).
   */
  static boolean isJournal(Path file, String journalStream) {
    if (journalStream == null) {
      return false;
    }
    try {
      Map<String, Object> stat = Files.readAttributes(file, "unix:dev,ino");
      return journalStream.equals(stat.get("dev") + ":" + stat.get("ino"));
    } catch (IOException e) {
      return true; // no /proc: believe the variable
    }
  }
}
