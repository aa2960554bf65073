package io.pifleet.agent.control;

import static io.pifleet.agent.upload.UploadFixture.AT_ONCE;
import static io.pifleet.agent.upload.UploadFixture.listed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.agent.plugin.PluginStatus;
import io.pifleet.agent.spool.SpoolStatus;
import io.pifleet.agent.upload.Eventually;
import io.pifleet.agent.upload.LoopbackCollector;
import io.pifleet.agent.upload.UploadFixture;
import io.pifleet.agent.upload.UploadSettings;
import io.pifleet.agent.upload.UploadStatus;
import io.pifleet.agent.upload.UploadWindow;
import io.pifleet.daemon.control.ControlClient;
import io.pifleet.daemon.control.ControlFailedException;
import io.pifleet.daemon.control.ControlServer;
import io.pifleet.daemon.json.JsonObject;
import io.pifleet.protocol.ArchiveName;
import io.pifleet.protocol.discovery.Discovered;
import io.pifleet.protocol.discovery.DiscoveryStatus;
import io.pifleet.protocol.discovery.ServiceType;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The verbs, asked over a control socket; the uploader behind them is the real one. */
@Timeout(120)
final class ControlVerbsTest {
  private static final Duration PATIENT = Duration.ofMinutes(1);

  @TempDir Path directory;
  private UploadFixture fixture;
  private ControlServer server;
  private final List<JsonObject> lines = new CopyOnWriteArrayList<>();

  @BeforeEach
  void open() {
    fixture = new UploadFixture(directory.resolve("spool"));
  }

  @AfterEach
  void close() throws Exception {
    server.close();
    fixture.close();
  }

  private void serve(SealVerb.Sealer sealer, Duration patience) throws IOException {
    server =
        ControlServer.start(
            directory.resolve("control.sock"),
            "pifleet-agent",
            Map.of(
                "seal", new SealVerb(sealer),
                "status", new StatusVerb(new Sources()),
                "upload", new UploadVerb(sealer, fixture.uploader(), patience)));
  }

  private ControlClient client() {
    return new ControlClient(directory.resolve("control.sock"), "pifleet-agent");
  }

  private void call(String verb, Map<String, String> args) throws IOException {
    client().call(verb, args, line -> lines.add(JsonObject.parse(line)));
  }

  private List<String> receipts() {
    return lines.stream()
        .filter(line -> line.names().contains("receipt"))
        .map(line -> line.object("receipt").text("archive", "?"))
        .toList();
  }

  private static List<ArchiveName> nothing(Duration limit) {
    return List.of();
  }

  /** Where nobody listens. */
  private int deadPort() throws IOException {
    LoopbackCollector collector = fixture.collector("attic-1");
    collector.close();
    return collector.port();
  }

  @Test
  void uploadPrintsEveryReceiptAndEnds() throws Exception {
    fixture.archive("2026-W46", 50_000);
    fixture.archive("2026-W47", 50_000);
    LoopbackCollector collector = fixture.collector("attic-1");
    fixture.start(
        listed(collector.port()),
        new UploadSettings(Duration.ofDays(1), UploadWindow.ALWAYS, 1)); // in no hurry
    serve(ControlVerbsTest::nothing, PATIENT);
    call("upload", Map.of());
    assertEquals(List.of("2026-W46", "2026-W47"), lines.get(0).texts("waiting"));
    assertEquals(List.of("2026-W46", "2026-W47"), receipts());
    JsonObject receipt =
        lines.stream().filter(l -> l.names().contains("receipt")).findFirst().orElseThrow();
    assertEquals("attic-1", receipt.object("receipt").text("collector", ""));
    assertEquals("2026-W46", receipt.object("receipt").text("stored-as", ""));
  }

  @Test
  void uploadNowSealsFirst() throws Exception {
    LoopbackCollector collector = fixture.collector("attic-1");
    fixture.start(collector.port());
    serve(limit -> List.of(fixture.archive("2026-W47", 5000)), PATIENT);
    call("upload", Map.of("now", "true"));
    assertEquals(List.of("2026-W47"), receipts());
  }

  @Test
  void uploadWithNothingToDeliverEndsAtOnce() throws Exception {
    fixture.start(deadPort());
    serve(ControlVerbsTest::nothing, PATIENT);
    call("upload", Map.of("now", "true"));
    assertEquals(1, lines.size());
    assertEquals(List.of(), lines.get(0).texts("waiting"));
  }

  @Test
  void uploadGivesUpWhenNothingMovesAndSaysWhatStandsInTheWay() throws Exception {
    int port = deadPort();
    fixture.archive("2026-W47", 5000);
    fixture.start(port);
    serve(ControlVerbsTest::nothing, Duration.ofSeconds(1));
    ControlFailedException failed =
        assertThrows(ControlFailedException.class, () -> call("upload", Map.of()));
    assertEquals(1, failed.exit());
    assertTrue(
        failed.getMessage().startsWith("2026-W47 is not delivered (127.0.0.1:" + port),
        failed.getMessage());
    assertTrue(failed.getMessage().contains("Connection refused"), failed.getMessage());
  }

  @Test
  void uploadFailsForAnArchiveThatGoesWithoutAReceipt() throws Exception {
    ArchiveName name = fixture.archive("2026-W47", 5000);
    fixture.start(deadPort());
    serve(ControlVerbsTest::nothing, PATIENT);
    ControlFailedException failed =
        assertThrows(
            ControlFailedException.class,
            () ->
                client()
                    .call(
                        "upload",
                        Map.of(),
                        line -> {
                          if (line.contains("waiting")) {
                            fixture.queue().giveUp(name);
                          }
                        }));
    assertTrue(failed.getMessage().contains("no receipt, and no longer here"), failed.getMessage());
    assertTrue(failed.getMessage().contains("2026-W47"), failed.getMessage());
  }

  @Test
  void theHurryEndsWithTheClientThatWasInIt() throws Exception {
    int port = deadPort();
    fixture.archive("2026-W47", 5000);
    fixture.start(listed(port), new UploadSettings(Duration.ofDays(1), UploadWindow.ALWAYS, 1));
    fixture.awaitDoing("waiting for its turn");
    serve(ControlVerbsTest::nothing, Duration.ofMinutes(10));
    assertThrows(
        IOException.class,
        () ->
            client()
                .call(
                    "upload",
                    Map.of(),
                    line -> {
                      if (line.contains("Connection refused")) { // now it is in a hurry
                        throw new IOException("the client has had enough");
                      }
                    }));
    Eventually.until(
        () -> {
          fixture.uploader().archiveSealed();
          return fixture.uploader().status().doing().equals("waiting for its turn");
        },
        () -> fixture.uploader().status().toString());
  }

  @Test
  void sealNamesTheArchivesThatCameOfIt() throws Exception {
    fixture.start(deadPort());
    serve(
        limit -> List.of(new ArchiveName("2026-W47", 1), new ArchiveName("2026-W47", 2)), PATIENT);
    call("seal", Map.of());
    assertEquals(
        List.of("2026-W47", "2026-W47.2"),
        lines.stream().map(line -> line.text("sealed", "?")).toList());
  }

  @Test
  void sealThatTakesTooLongSaysThatItGoesOn() throws Exception {
    fixture.start(deadPort());
    serve(
        limit -> {
          throw new TimeoutException();
        },
        PATIENT);
    ControlFailedException failed =
        assertThrows(ControlFailedException.class, () -> call("seal", Map.of()));
    assertTrue(failed.getMessage().contains("goes on without you"), failed.getMessage());
  }

  @Test
  void statusSaysEverythingInOneLine() throws Exception {
    fixture.start(listed(deadPort()), AT_ONCE);
    serve(ControlVerbsTest::nothing, PATIENT);
    call("status", Map.of());
    JsonObject status = lines.get(0);
    assertEquals("pi-kitchen-3fa2b1", status.text("device", ""));
    assertEquals(ProcessHandle.current().pid(), status.number("pid", -1));
    assertTrue(status.number("resident-bytes", -1) > 10 << 20, "this JVM has more than 10 MiB");
    assertEquals(List.of("the disk is full"), status.texts("problems"));
    assertEquals("2026-W47", status.object("spool").text("open-part", ""));
    assertEquals(250, status.object("upload").object("transfer").number("held-bytes", -1));
    assertEquals(0, status.object("upload").object("transfer").number("resumed-bytes", -1));
    assertEquals(
        "2026-W46~3f9a1c2d", status.object("upload").object("last-receipt").text("stored-as", ""));
    assertEquals("attic-1", status.object("collector").text("pinned", ""));
    assertEquals(
        List.of("127.0.0.1"),
        status.object("collector").objects("known").get(0).texts("addresses"));
    JsonObject plugin = status.objects("plugins").get(0);
    assertEquals("cpu", plugin.text("name", ""));
    assertEquals("waiting", plugin.text("state", ""));
    assertEquals(10_000, plugin.number("interval-ms", -1));
  }

  /** An agent in the middle of its work. */
  private static final class Sources implements StatusVerb.Sources {
    private static final Instant TIME = Instant.parse("2026-11-20T07:34:20Z");

    @Override
    public String device() {
      return "pi-kitchen-3fa2b1";
    }

    @Override
    public SpoolStatus spool() {
      return new SpoolStatus(
          4096,
          1 << 20,
          "2026-W47",
          TIME,
          60,
          2,
          1,
          0,
          0,
          Optional.empty(),
          Optional.of(TIME),
          1,
          true,
          Optional.of("the disk is full"));
    }

    @Override
    public List<PluginStatus> plugins() {
      return List.of(
          new PluginStatus(
              "cpu",
              "cpu",
              PluginStatus.State.WAITING,
              "",
              10_000_000_000L,
              5_000_000_000L,
              7,
              0,
              0,
              0,
              7,
              0,
              0,
              "",
              0,
              0,
              150_000));
    }

    @Override
    public UploadStatus upload() {
      ArchiveName name = new ArchiveName("2026-W46", 1);
      long now = System.nanoTime();
      return new UploadStatus(
          1,
          Optional.of(new UploadStatus.Transfer(name, "attic-1", 250, 1000, -1, now, now)),
          "sending 2026-W46 to attic-1",
          Optional.empty(),
          Optional.empty(),
          Optional.of(
              new UploadStatus.LastReceipt(name, "attic-1", TIME, "2026-W46~3f9a1c2d", 4711)));
    }

    @Override
    public List<Discovered> collectors() {
      return List.of(
          new Discovered(
              ServiceType.COLLECTOR,
              "attic-1",
              List.of(InetAddress.getLoopbackAddress()),
              7433,
              Map.of(),
              "lo"));
    }

    @Override
    public Optional<String> pinnedCollector() {
      return Optional.of("attic-1");
    }

    @Override
    public DiscoveryStatus discovery() {
      return new DiscoveryStatus(List.of("lo"), 0, 0, "");
    }

    @Override
    public List<String> problems() {
      return List.of("the disk is full");
    }
  }
}
