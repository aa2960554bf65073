package io.pifleet.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.daemon.cli.ExitStatus;
import io.pifleet.daemon.control.ControlServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verbs whose words are for people. Takes stdout and stderr of the whole JVM. */
class AgentCommandTest {
  @TempDir Path directory;

  private final PrintStream stdout = System.out;
  private final PrintStream stderr = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path config;

  @BeforeEach
  void listen() throws IOException {
    config = directory.resolve("agent.conf");
    Files.writeString(
        config, "pifleet { transport = plain, state-dir = state, runtime-dir = . }\n");
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void listenNoMore() {
    System.setOut(stdout);
    System.setErr(stderr);
  }

  private int run(String verb) {
    return AgentCommand.run(verb, "--config", config.toString());
  }

  @Test
  void listsTheOtherArchivesWhenOneCannotBeRead() throws IOException {
    Path archive = Files.createDirectories(directory.resolve("state/spool/2026-W47"));
    Files.writeString(archive.resolve("manifest.json"), "{\"format\": 7");
    assertEquals(ExitStatus.FAILED, run("archives"));
    String said = err.toString(StandardCharsets.UTF_8);
    assertTrue(said.startsWith("pifleet-agent: archive 2026-W47 cannot be read: "), said);
    Files.delete(archive.resolve("manifest.json"));
    assertEquals(ExitStatus.FINE, run("archives"));
    assertEquals("no sealed archives here\n", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void showsWhatIsInTheWayOfDiscovery() throws IOException {
    ControlServer daemon =
        ControlServer.start(
            directory.resolve("control.sock"),
            "pifleet-agent",
            Map.of(
                "status",
                (request, reply) ->
                    reply.line(
                        line ->
                            line.object("discovery")
                                .text("problem", "no interface can do multicast")
                                .array("interfaces")
                                .end()
                                .end())));
    try (daemon) {
      assertEquals(ExitStatus.FINE, run("status"));
    }
    String said = out.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("on no interface; no interface can do multicast"), said);
  }
}
