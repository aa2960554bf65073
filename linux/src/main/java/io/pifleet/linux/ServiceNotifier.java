package io.pifleet.linux;

import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Tells the service manager how the daemon does: sd_notify(3), one datagram per message to the
 * AF_UNIX socket named by NOTIFY_SOCKET, on a socket that lives only for the message.
 *
 * <p>Every method returns false where a service manager is there and could not be told, with the
 * reason in {@link #lastFailure}; without NOTIFY_SOCKET there is nobody to tell and every method
 * returns true. Nothing here throws, and nothing waits for more than {@link #SEND_TIMEOUT}.
 * Thread-safe.
 */
public final class ServiceNotifier {
  /** Longest wait for a service manager whose queue is full. */
  static final Duration SEND_TIMEOUT = Duration.ofSeconds(1);

  private static final int SUN_PATH_BYTES = 108; // unix(7)
  private static final int MAX_STATUS_CHARS = 512; // one line of `systemctl status`
  private static final int MAX_TRIES = 5; // a signal may interrupt a send

  private final byte[] address; // struct sockaddr_un, null: nobody to tell
  private final Duration watchdogInterval; // null: none wanted
  private volatile String lastFailure;

  private ServiceNotifier(byte[] address, String failure, Duration watchdogInterval) {
    this.address = address;
    this.lastFailure = failure;
    this.watchdogInterval = watchdogInterval;
  }

  /**
   * The notifier for what the service manager put into the environment.
   *
   * @param environment NOTIFY_SOCKET (a path, or a name in the abstract namespace behind a leading
   *     '@'), WATCHDOG_USEC and WATCHDOG_PID as sd_notify(3) and sd_watchdog_enabled(3) say
   */
  public static ServiceNotifier fromEnvironment(Map<String, String> environment) {
    Duration watchdog = watchdogInterval(environment);
    String socket = environment.get("NOTIFY_SOCKET");
    if (socket == null || socket.isEmpty()) {
      return new ServiceNotifier(null, null, watchdog);
    }
    byte[] name = socket.getBytes(StandardCharsets.UTF_8);
    boolean isAbstract = name[0] == '@';
    if ((name[0] != '/' && !isAbstract) || name.length < 2 || name.length >= SUN_PATH_BYTES) {
      return new ServiceNotifier(
          null,
          "NOTIFY_SOCKET is \"%.120s\"; wanted a path or @name of 2 to %d bytes"
              .formatted(socket, SUN_PATH_BYTES - 1),
          watchdog);
    }
    // An abstract name is as long as the address says, and begins with a NUL; a path ends with one.
    ByteBuffer sockaddr =
        ByteBuffer.allocate(Short.BYTES + name.length + (isAbstract ? 0 : 1))
            .order(ByteOrder.nativeOrder())
            .putShort((short) LibC.AF_UNIX)
            .put(name);
    if (isAbstract) {
      sockaddr.put(Short.BYTES, (byte) 0);
    }
    return new ServiceNotifier(sockaddr.array(), null, watchdog);
  }

  /** The daemon serves; for Type=notify, the end of the start. */
  public boolean ready(String status) {
    return send("READY=1\nSTATUS=" + oneLine(status));
  }

  /** One line for {@code systemctl status}; cut at {@value #MAX_STATUS_CHARS} characters. */
  public boolean status(String status) {
    return send("STATUS=" + oneLine(status));
  }

  /** The configuration is being read again; {@link #ready} has to follow. */
  public boolean reloading() {
    // The manager compares this with its own CLOCK_MONOTONIC, the clock of nanoTime on Linux.
    return send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1_000);
  }

  /** The daemon has begun to stop. */
  public boolean stopping(String status) {
    return send("STOPPING=1\nSTATUS=" + oneLine(status));
  }

  /** The daemon is alive; wanted at least once per {@link #watchdogInterval}. */
  public boolean watchdog() {
    return send("WATCHDOG=1");
  }

  /**
   * After how long without {@link #watchdog} the service manager kills the daemon; empty where it
   * does not watch this process.
   */
  public Optional<Duration> watchdogInterval() {
    return Optional.ofNullable(watchdogInterval);
  }

  /** Why the last message that failed did; empty while none has. */
  public Optional<String> lastFailure() {
    return Optional.ofNullable(lastFailure);
  }

  private static Duration watchdogInterval(Map<String, String> environment) {
    String pid = environment.get("WATCHDOG_PID");
    if (pid != null && !pid.equals(Long.toString(ProcessHandle.current().pid()))) {
      return null; // meant for another process
    }
    try {
      long micros = Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0"));
      return micros > 0 ? Duration.ofNanos(Math.multiplyExact(micros, 1_000L)) : null;
    } catch (ArithmeticException | NumberFormatException e) {
      return null; // as sd_watchdog_enabled(3): not a number, no watchdog
    }
  }

  private boolean send(String message) {
    if (address == null) {
      return lastFailure == null;
    }
    try {
      NativeLibraries.requireLibc();
      send(message.getBytes(StandardCharsets.UTF_8));
      return true;
    } catch (IOException e) {
      lastFailure = e.getMessage();
      return false;
    }
  }

  private void send(byte[] message) throws NativeCallException {
    int descriptor = LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0);
    if (descriptor == -1) {
      throw new NativeCallException("socket(AF_UNIX)", Native.getLastError());
    }
    try {
      byte[] timeout = timeval(SEND_TIMEOUT, Native.LONG_SIZE);
      if (LibC.setsockopt(descriptor, LibC.SOL_SOCKET, LibC.SO_SNDTIMEO, timeout, timeout.length)
          == -1) {
        throw new NativeCallException("setsockopt(SO_SNDTIMEO)", Native.getLastError());
      }
      NativeLong length = new NativeLong(message.length);
      int errno = 0;
      for (int tries = 0; tries < MAX_TRIES; tries++) {
        if (LibC.sendto(descriptor, message, length, LibC.MSG_NOSIGNAL, address, address.length)
                .longValue()
            != -1) {
          return; // a datagram goes whole or not at all
        }
        errno = Native.getLastError();
        if (errno != Errno.EINTR) {
          break;
        }
      }
      throw new NativeCallException("sendto(" + socketName() + ")", errno);
    } finally {
      LibC.close(descriptor);
    }
  }

  /** {@code struct timeval} as SO_SNDTIMEO_OLD has it: two longs, also on 32-bit ARM. */
  private static byte[] timeval(Duration duration, int longBytes) {
    ByteBuffer timeval = ByteBuffer.allocate(2 * longBytes).order(ByteOrder.nativeOrder());
    int micros = duration.toNanosPart() / 1_000;
    if (longBytes == Long.BYTES) {
      timeval.putLong(duration.toSeconds()).putLong(micros);
    } else {
      timeval.putInt((int) duration.toSeconds()).putInt(micros);
    }
    return timeval.array();
  }

  private String socketName() {
    String name =
        new String(address, Short.BYTES, address.length - Short.BYTES, StandardCharsets.UTF_8);
    return name.charAt(0) == 0 ? "@" + name.substring(1) : name.substring(0, name.length() - 1);
  }

  /** A line break in a status would begin another field of the message: blank it. */
  private static String oneLine(String text) {
    StringBuilder line = new StringBuilder(Math.min(text.length(), MAX_STATUS_CHARS));
    for (int i = 0; i < text.length() && i < MAX_STATUS_CHARS; i++) {
      char c = text.charAt(i);
      line.append(c < ' ' ? ' ' : c);
    }
    return line.toString();
  }
}
