package io.pifleet.daemon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a person is looking, and how wide the window is.
 *
 * <p><b>Design note:</b> {@code System.console()} looks at stdin and stdout together, so {@code
 * export > x.tar.zst} would show no progress on a stderr that is a terminal; and from JDK 22 on it
 * may be there without any terminal. What a descriptor really is stands in {@code /proc/self/fd}.
 */
public final class Terminal {
  static final int STDERR = 2;

  private static final int DEFAULT_COLUMNS = 80;

  private Terminal() {}

  /** True when the descriptor is a terminal that understands how to erase a line. */
  static boolean isTerminal(int descriptor) {
    return !"dumb".equals(System.getenv("TERM"))
        && isTerminalDevice(target(Path.of("/proc/self/fd/" + descriptor)));
  }

  /** Whether what is printed reaches a screen: no place for the bytes of an archive. */
  public static boolean isOnStdout() {
    return isTerminalDevice(target(Path.of("/proc/self/fd/1")));
  }

  /** The window's width, where the shell exports it; else that of a VT100. */
  static int columns() {
    return columns(System.getenv("COLUMNS"));
  }

  static int columns(String exported) {
    try {
      int columns = exported == null ? 0 : Integer.parseInt(exported);
      return columns >= 20 && columns <= 1_000 ? columns : DEFAULT_COLUMNS;
    } catch (NumberFormatException e) {
      return DEFAULT_COLUMNS;
    }
  }

  /** Pseudo terminals, virtual consoles and serial lines (devices.txt of the kernel). */
  static boolean isTerminalDevice(String device) {
    return device.startsWith("/dev/pts/")
        || device.startsWith("/dev/tty")
        || device.startsWith("/dev/hvc")
        || device.equals("/dev/console");
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // closed, or no /proc: nobody to draw for
    }
  }
}
