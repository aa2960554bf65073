package io.pifleet.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServiceNotifierTest {
  @TempDir Path directory;

  @Test
  void tellsAManagerBehindAPath() throws Exception {
    conversation(directory.resolve("notify").toString());
  }

  @Test
  void tellsAManagerBehindAnAbstractName() throws Exception {
    conversation("@pifleet-test-" + ProcessHandle.current().pid());
  }

  private static void conversation(String address) throws Exception {
    try (Manager manager = new Manager(address)) {
      ServiceNotifier notifier = ServiceNotifier.fromEnvironment(Map.of("NOTIFY_SOCKET", address));
      assertTrue(notifier.ready("2 archives wait"), () -> "" + notifier.lastFailure());
      assertEquals("READY=1\nSTATUS=2 archives wait", manager.message());
      assertTrue(notifier.status("läuft\nREADY=1"));
      assertEquals("STATUS=läuft READY=1", manager.message());
      assertTrue(notifier.status("x".repeat(10_000)));
      assertEquals("STATUS=" + "x".repeat(512), manager.message());
      assertTrue(notifier.watchdog());
      assertEquals("WATCHDOG=1", manager.message());

      long before = manager.monotonicMicros();
      assertTrue(notifier.reloading());
      String reloading = manager.message();
      long after = manager.monotonicMicros();
      assertTrue(reloading.startsWith("RELOADING=1\nMONOTONIC_USEC="), reloading);
      long told = Long.parseLong(reloading.substring(reloading.lastIndexOf('=') + 1));
      assertTrue(before <= told && told <= after, before + " <= " + told + " <= " + after);

      assertTrue(notifier.stopping("SIGTERM"));
      assertEquals("STOPPING=1\nSTATUS=SIGTERM", manager.message());
      assertEquals(Optional.empty(), notifier.lastFailure());
    }
  }

  @Test
  void staysQuietWithoutAManager() {
    ServiceNotifier notifier = ServiceNotifier.fromEnvironment(Map.of());
    assertTrue(notifier.ready("ready"));
    assertTrue(notifier.watchdog());
    assertEquals(Optional.empty(), notifier.lastFailure());
    assertEquals(Optional.empty(), notifier.watchdogInterval());
  }

  @Test
  void returnsFalseAndTheReasonWhenTheManagerIsGone() {
    String gone = directory.resolve("gone").toString();
    ServiceNotifier notifier = ServiceNotifier.fromEnvironment(Map.of("NOTIFY_SOCKET", gone));
    assertFalse(notifier.status("lost"));
    assertEquals(
        Optional.of("sendto(" + gone + "): ENOENT (No such file or directory)"),
        notifier.lastFailure());
    ServiceNotifier nowhere =
        ServiceNotifier.fromEnvironment(Map.of("NOTIFY_SOCKET", "@pifleet-nobody"));
    assertFalse(nowhere.watchdog());
    assertEquals(
        Optional.of("sendto(@pifleet-nobody): ECONNREFUSED (Connection refused)"),
        nowhere.lastFailure());
  }

  @Test
  void givesUpWhenTheManagerDoesNotRead() throws Exception {
    String address = directory.resolve("notify").toString();
    try (Manager manager = new Manager(address)) {
      ServiceNotifier notifier = ServiceNotifier.fromEnvironment(Map.of("NOTIFY_SOCKET", address));
      manager.signal("STOP");
      int queued = 0;
      while (notifier.watchdog()) {
        assertTrue(++queued < 100_000, "a queue without end");
      }
      assertEquals(
          Optional.of("sendto(" + address + "): EAGAIN (Resource temporarily unavailable)"),
          notifier.lastFailure());
      manager.signal("CONT");
      assertEquals("WATCHDOG=1", manager.message());
    }
  }

  @Test
  void leavesNoDescriptorBehind() throws IOException {
    String gone = directory.resolve("gone").toString();
    ServiceNotifier notifier = ServiceNotifier.fromEnvironment(Map.of("NOTIFY_SOCKET", gone));
    notifier.watchdog(); // loads what it needs
    long before = unixSockets();
    for (int i = 0; i < 50; i++) {
      notifier.watchdog();
    }
    assertEquals(before, unixSockets());
  }

  @Test
  void refusesAnAddressItCannotReach() {
    for (String address : new String[] {"vsock:2:1234", "relative", "@", "/" + "x".repeat(107)}) {
      ServiceNotifier notifier = ServiceNotifier.fromEnvironment(Map.of("NOTIFY_SOCKET", address));
      assertFalse(notifier.ready("ready"), address);
      assertTrue(
          notifier.lastFailure().orElseThrow().startsWith("NOTIFY_SOCKET is \"" + address),
          address);
    }
  }

  @Test
  void readsTheWatchdogsInterval() {
    String own = Long.toString(ProcessHandle.current().pid());
    assertEquals(
        Optional.of(Duration.ofSeconds(30)), interval(Map.of("WATCHDOG_USEC", "30000000")));
    assertEquals(
        Optional.of(Duration.ofMillis(1_500)),
        interval(Map.of("WATCHDOG_USEC", "1500000", "WATCHDOG_PID", own)));
    assertEquals(
        Optional.empty(), interval(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "1")));
    assertEquals(Optional.empty(), interval(Map.of("WATCHDOG_USEC", "soon")));
    assertEquals(Optional.empty(), interval(Map.of("WATCHDOG_USEC", "0")));
    assertEquals(Optional.empty(), interval(Map.of("WATCHDOG_USEC", "" + Long.MAX_VALUE)));
  }

  private static Optional<Duration> interval(Map<String, String> environment) {
    return ServiceNotifier.fromEnvironment(environment).watchdogInterval();
  }

  private static long unixSockets() throws IOException {
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors
          .map(ServiceNotifierTest::target)
          .filter(t -> t.startsWith("socket:"))
          .count();
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }

  /**
   * A service manager's end, in another process and another language: prints its clock and each
   * datagram, in hex.
   */
  private static final class Manager implements AutoCloseable {
    private static final String PROGRAM =
        """
        import select, socket, sys, time
        address = sys.argv[1]
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind('\\0' + address[1:] if address[0] == '@' else address)
        print('bound', flush=True)
        while True:
            ready = select.select([s, sys.stdin], [], [], 30)[0]
            if not ready:
                sys.exit('nothing for 30 s')
            if s in ready:
                print(s.recv(65536).hex(), flush=True)
            elif sys.stdin.readline():
                print(time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000, flush=True)
            else:
                break
        """;

    private final Process process;
    private final BufferedReader lines;

    Manager(String address) throws IOException {
      process =
          new ProcessBuilder("python3", "-u", "-c", PROGRAM, address)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      lines = process.inputReader(StandardCharsets.US_ASCII);
      assertEquals("bound", lines.readLine());
    }

    String message() throws IOException {
      return new String(HexFormat.of().parseHex(lines.readLine()), StandardCharsets.UTF_8);
    }

    long monotonicMicros() throws IOException {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      return Long.parseLong(lines.readLine());
    }

    void signal(String name) throws Exception {
      String[] command = {"kill", "-" + name, Long.toString(process.pid())};
      assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    }

    @Override
    public void close() throws IOException {
      process.getOutputStream().close();
      while (lines.readLine() != null) {
        // drained, so that it can write to its end
      }
      assertEquals(0, process.onExit().join().exitValue());
    }
  }
}
