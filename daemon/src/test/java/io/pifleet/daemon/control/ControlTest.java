package io.pifleet.daemon.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ControlTest {
  private static final ControlLimits PATIENT =
      new ControlLimits(2, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(30));

  @TempDir Path directory;
  private Path socket;
  private ControlServer server;
  private final CountDownLatch released = new CountDownLatch(1);
  private final CountDownLatch verbEnded = new CountDownLatch(1);

  @BeforeEach
  void nameSocket() {
    socket = directory.resolve("control.sock");
  }

  @AfterEach
  void stop() {
    released.countDown();
    if (server != null) {
      server.close();
    }
  }

  @Test
  void streamsTheLinesOfAReply() throws IOException {
    start(PATIENT);
    List<String> lines = new ArrayList<>();
    client().call("echo", Map.of("text", "ä", "times", "3"), lines::add);

    assertEquals(
        List.of("{\"n\":0,\"text\":\"ä\"}", "{\"n\":1,\"text\":\"ä\"}", "{\"n\":2,\"text\":\"ä\"}"),
        lines);
  }

  @Test
  void tellsTheClientWhyAVerbFailed() throws IOException {
    start(PATIENT);

    assertEquals("the spool is full", failure("fail").getMessage());
    assertEquals(1, failure("fail").exit());
    assertEquals(
        "crash failed: java.lang.IllegalStateException: odd", failure("crash").getMessage());
    assertEquals(
        "unknown verb; known here: crash, echo, fail, flood, wait", failure("stauts").getMessage());
    assertEquals(2, failure("stauts").exit());
  }

  @Test
  void makesTheSocketForOwnerAndGroupAndRemovesItAtTheEnd() throws IOException {
    start(PATIENT);
    assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));

    server.close();
    assertFalse(Files.exists(socket));
  }

  @Test
  void replacesTheSocketOfADeadDaemon() throws IOException {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertTrue(Files.exists(socket));

    start(PATIENT);
    client().call("echo", Map.of(), line -> {});
  }

  @Test
  void refusesToReplaceALiveDaemon() throws IOException {
    start(PATIENT);

    assertEquals(
        "another pifleet-agent runs already: it listens on " + socket,
        startFailure(socket).getMessage());
    client().call("echo", Map.of(), line -> {});
  }

  @Test
  void refusesToReplaceADaemonThatHangs() throws IOException {
    try (ServerSocketChannel hanging = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      hanging.bind(UnixDomainSocketAddress.of(socket), 1);
      List<SocketChannel> waiting = new ArrayList<>();
      try {
        for (int i = 0; i < 2; i++) { // the kernel queues one more than the backlog
          waiting.add(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
        }
        assertTrue(startFailure(socket).getMessage().startsWith("another pifleet-agent runs"));
        assertEquals(
            "pifleet-agent does not answer: too many clients wait for it",
            assertThrows(IOException.class, () -> client().call("echo", Map.of(), line -> {}))
                .getMessage());
      } finally {
        for (SocketChannel channel : waiting) {
          channel.close();
        }
      }
    }
  }

  @Test
  void doesNotDeleteAFileThatIsNoSocket() throws IOException {
    Files.writeString(socket, "precious");

    assertEquals(socket + " is in the way: it is not a socket", startFailure(socket).getMessage());
    assertEquals("precious", Files.readString(socket));
  }

  @Test
  void refusesAPathThatTheKernelCannotTake() {
    Path tooLong = directory.resolve("d".repeat(108));

    String message = startFailure(tooLong).getMessage();
    assertTrue(message.endsWith("the kernel takes 107; set runtime-dir to a shorter one"), message);
    assertThrows(
        IOException.class,
        () -> new ControlClient(tooLong, "pifleet-agent").call("echo", Map.of(), line -> {}));
  }

  @Test
  void saysPlainlyThatNoDaemonRuns() throws IOException {
    String expected = "no pifleet-agent runs here (nothing listens on " + socket + ")";
    assertEquals(expected, noDaemon().getMessage());

    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertEquals(expected, noDaemon().getMessage());
  }

  @Test
  void dropsAClientThatNeverAsks() throws IOException {
    start(new ControlLimits(2, Duration.ofMillis(100), PATIENT.write(), PATIENT.signOfLife()));

    try (SocketChannel silent = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      assertTrue(readAll(silent).contains("no request came within"));
    }
  }

  @Test
  void refusesARequestThatIsTooLong() throws IOException {
    start(PATIENT);
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(ByteBuffer.allocate(ControlRequest.MAX_BYTES));
      assertTrue(readAll(client).contains("a request of more than 65536 bytes"));
    }
    assertThrows(
        IOException.class,
        () -> client().call("echo", Map.of("text", "x".repeat(70_000)), line -> {}));
  }

  @Test
  void takesALongRequestInPieces() throws IOException {
    start(PATIENT);
    String text = "x".repeat(60_000);
    List<String> lines = new ArrayList<>();
    client().call("echo", Map.of("text", text, "times", "1"), lines::add);

    assertEquals("{\"n\":0,\"text\":\"" + text + "\"}", lines.get(0));
  }

  @Test
  void refusesWhatIsNoRequest() throws IOException {
    start(PATIENT);
    assertTrue(ask("status\n").contains("\"exit\":2,\"error\":\"not JSON"));
    assertTrue(ask("{\"args\":{}}\n").contains("no verb"));
    assertTrue(ask("{\"verb\":\"echo\",\"args\":{\"a\":[]}}\n").contains("argument a"));
  }

  @Test
  void answersAClientThatClosesItsSideAfterAsking() throws IOException {
    start(PATIENT);
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(bytes("{\"verb\":\"echo\",\"args\":{\"times\":1}}"));
      client.shutdownOutput();
      assertEquals("{\"n\":0,\"text\":\"\"}\n{\"done\":true,\"exit\":0}\n", readAll(client));
    }
  }

  @Test
  void turnsAwayMoreClientsThanItServes() throws Exception {
    start(PATIENT);
    try (SocketChannel first = waitingClient();
        SocketChannel second = waitingClient()) {
      for (int i = 0; i < 200; i++) { // the refusal may come before the request is written
        assertEquals("2 clients are being served, try again later", failure("echo").getMessage());
      }
      released.countDown();
      assertTrue(readAll(first).endsWith("{\"done\":true,\"exit\":0}\n"));
      assertTrue(readAll(second).endsWith("{\"done\":true,\"exit\":0}\n"));
    }
  }

  @Test
  void showsSignsOfLifeWhileAVerbIsSilent() throws IOException {
    start(new ControlLimits(2, PATIENT.request(), PATIENT.write(), Duration.ofMillis(1)));
    try (SocketChannel client = waitingClient()) {
      ByteBuffer sign = ByteBuffer.allocate(1);
      client.read(sign);
      assertEquals('\n', sign.get(0));
    }
  }

  @Test
  void endsTheVerbOfAClientThatWentAway() throws Exception {
    start(PATIENT);
    SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    client.write(bytes("{\"verb\":\"flood\"}\n"));
    client.read(ByteBuffer.allocate(10));
    client.close();

    assertTrue(verbEnded.await(30, TimeUnit.SECONDS));
  }

  @Test
  void endsTheVerbOfAClientThatDoesNotRead() throws Exception {
    start(new ControlLimits(2, PATIENT.request(), Duration.ofMillis(50), PATIENT.signOfLife()));
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(bytes("{\"verb\":\"flood\"}\n"));
      assertTrue(verbEnded.await(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void givesUpOnADaemonThatIsSilent() throws IOException {
    try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      silent.bind(UnixDomainSocketAddress.of(socket));
      ControlClient client = new ControlClient(socket, "pifleet-agent", Duration.ofMillis(50));
      assertTrue(
          assertThrows(IOException.class, () -> client.call("echo", Map.of(), line -> {}))
              .getMessage()
              .startsWith("pifleet-agent does not answer"));
    }
  }

  @Test
  void tellsThatTheDaemonWentAway() throws Exception {
    start(PATIENT);
    Thread closer = new Thread(server::close, "closer");
    IOException failure =
        assertThrows(
            IOException.class, () -> client().call("wait", Map.of(), line -> closer.start()));
    closer.join();

    assertEquals("pifleet-agent went away before its answer was complete", failure.getMessage());
  }

  private void start(ControlLimits limits) throws IOException {
    server =
        ControlServer.start(
            socket,
            "pifleet-agent",
            Map.of(
                "echo", ControlTest::echo,
                "fail",
                    (request, reply) -> {
                      throw new ControlFailedException("the spool is full");
                    },
                "crash",
                    (request, reply) -> {
                      throw new IllegalStateException("odd");
                    },
                "wait",
                    (request, reply) -> {
                      reply.line(out -> out.flag("waiting", true));
                      assertTrue(released.await(30, TimeUnit.SECONDS));
                    },
                "flood", (request, reply) -> flood(reply)),
            limits);
  }

  private static void echo(ControlRequest request, ControlReply reply) throws IOException {
    int times = Integer.parseInt(request.arg("times", "0"));
    for (int i = 0; i < times; i++) {
      int n = i;
      reply.line(out -> out.number("n", n).text("text", request.arg("text", "")));
    }
  }

  private void flood(ControlReply reply) throws IOException {
    try {
      while (!reply.isClientGone()) {
        reply.line(out -> out.text("text", "x".repeat(10_000)));
      }
    } finally {
      verbEnded.countDown();
    }
  }

  private ControlClient client() {
    return new ControlClient(socket, "pifleet-agent");
  }

  private ControlFailedException failure(String verb) {
    return assertThrows(
        ControlFailedException.class, () -> client().call(verb, Map.of(), line -> {}));
  }

  private NoDaemonException noDaemon() {
    return assertThrows(NoDaemonException.class, () -> client().call("echo", Map.of(), line -> {}));
  }

  private static IOException startFailure(Path at) {
    return assertThrows(
        IOException.class, () -> ControlServer.start(at, "pifleet-agent", Map.of(), PATIENT));
  }

  /** Connected, and its verb runs. */
  private SocketChannel waitingClient() throws IOException {
    SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    client.write(bytes("{\"verb\":\"wait\"}\n"));
    ByteBuffer line = ByteBuffer.allocate("{\"waiting\":true}\n".length());
    while (line.hasRemaining()) {
      assertTrue(client.read(line) > 0);
    }
    return client;
  }

  private String ask(String request) throws IOException {
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(bytes(request));
      return readAll(client);
    }
  }

  private static String readAll(SocketChannel channel) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      Channels.newInputStream(channel).transferTo(all);
    } catch (IOException e) {
      // ECONNRESET after the answer: the server left a part of the request unread
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
