package io.pifleet.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.agent.cli.AgentCommand;
import io.pifleet.collector.cli.CollectorCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an operator meets: wrong configurations, signals, daemons that do not run, help. */
class OperationIT {
  private static final String NO_COLLECTOR = "collectors = [\"127.0.0.1:1\"]";

  @RegisterExtension private final Fleet fleet = new Fleet();

  @Test
  void aWrongConfigurationIsRefusedWithFileAndLineAndEverythingThatIsWrong() throws Exception {
    Collector collector =
        fleet.collector(
            "transport = null", "max-transfer = 7", "grant-max = lots", "listen = \"attic:99999\"");
    Agent agent =
        fleet.agent(
            "pi-1",
            collector.address(),
            "transport = null",
            "period = monthly",
            "spool.flush-intervall = 5 s",
            "plugins.x { type = exec }");

    for (String verb : List.of("run", "check-config")) {
      assertRefused(
          agent.daemon(),
          verb,
          "pifleet.transport is missing; wanted: plain",
          "pifleet.period is \"monthly\"; wanted: iso-week, or a duration from 5 s",
          "pifleet.spool.flush-intervall is not known; did you mean .*flush-interval",
          "pifleet.plugins.x.command");
      assertRefused(
          collector.daemon(),
          verb,
          "pifleet.transport is missing; wanted: plain",
          "pifleet.max-transfer is not known; did you mean .*max-transfers",
          "pifleet.grant-max is \"lots\"; wanted: ",
          "pifleet.listen names \"attic:99999\"");
    }
  }

  private static void assertRefused(Daemon daemon, String verb, String... problems)
      throws Exception {
    Program.Result result = daemon.verb(verb).run();
    assertEquals(2, result.exit(), result.errors());
    for (String problem : problems) {
      Pattern wanted =
          Pattern.compile("^\\Q" + daemon.config() + "\\E:\\d+: " + problem, Pattern.MULTILINE);
      assertTrue(wanted.matcher(result.errors()).find(), problem + " in\n" + result.errors());
    }
    assertEquals("", result.out());
  }

  @Test
  void aGoodConfigurationIsSaidToBeGood() throws Exception {
    Collector collector = fleet.collector();
    Agent agent = fleet.agent("pi-1", collector.address());
    assertEquals(0, agent.verb("check-config").run().exit());
    assertEquals(0, collector.verb("check-config").run().exit());
  }

  @Test
  void hangupAppliesWhatCanBeAppliedAndNamesWhatNeedsARestart() throws Exception {
    Collector collector = fleet.collector().start();
    Agent agent = fleet.agent("pi-1", collector.address(), NO_COLLECTOR).start();
    Path probe = fleet.directory("probe");

    agent.configure(
        collector.address(), "device-id = pi-2", "period = 6 h", Inputs.probe(probe, "1 s", 1));
    agent.daemon().signal("HUP");
    Await.until(
        "the new plugin gathers", () -> agent.status().object("spool").number("records", 0) > 0);
    agent.uploadNow();
    assertEquals("pi-1", agent.status().text("device", ""));
    assertEquals(1, collector.archives("pi-1").size(), "the new list of collectors counts");
    awaitLog(agent.daemon(), "need a restart: device-id");

    agent.configure(collector.address(), "period = monthly");
    agent.daemon().signal("HUP");
    awaitLog(agent.daemon(), "daemon\\.conf:\\d+: pifleet\\.period is \"monthly\"");
    assertTrue(agent.daemon().isAlive());
    assertEquals("pi-1", agent.status().text("device", ""));

    collector.configure("max-transfers = 3", "late-after = 3 days", "collector-id = cellar");
    collector.daemon().signal("HUP");
    awaitLog(collector.daemon(), "need a restart: collector-id");
    awaitLog(collector.daemon(), "configuration read again");
    String slots = collector.status().object("connections").text("slots", "");
    assertTrue(slots.contains("3"), slots);
  }

  private static void awaitLog(Daemon daemon, String pattern) throws Exception {
    Pattern wanted = Pattern.compile(pattern);
    Await.until(pattern + " is logged", () -> wanted.matcher(daemon.logText()).find());
  }

  @Test
  void bothEndInOrderOnSigtermInTheMiddleOfATransfer() throws Exception {
    Path drop = fleet.directory("drop");
    Inputs.random(drop.resolve("film"), 20_000_000, 1);
    Collector collector = fleet.collector().start();
    Agent agent =
        fleet.agent("pi-1", collector.address(), "rate-limit = 2 MiB", Inputs.drop(drop)).start();
    Await.until("the film is taken", () -> agent.status().object("spool").number("files", 0) == 1);
    agent.seal();
    Await.until("it travels", () -> collector.incomingBytes() > 1_000_000);

    assertEquals(0, collector.daemon().stop());
    Await.until("the device was told", () -> !agent.uploadError().isEmpty());
    collector.start();
    agent.hurry();
    Await.until("it travels again", () -> !collector.status().objects("transfers").isEmpty());
    assertEquals(0, agent.daemon().stop());

    agent.configure(collector.address());
    agent.start();
    agent.awaitDelivered(Await.LONG);
  }

  @Test
  void verbsThatNeedADaemonSayPlainlyThatNoneRuns() throws Exception {
    Collector collector = fleet.collector();
    Agent agent = fleet.agent("pi-1", collector.address());
    for (String verb : List.of("status", "seal", "upload")) {
      Program.Result result = agent.verb(verb).run();
      assertEquals(1, result.exit(), verb);
      assertTrue(
          result.errors().matches("pifleet-agent: no pifleet-agent runs here \\(.*\\)\n"),
          result.errors());
    }
    Program.Result status = collector.verb("status").run();
    assertEquals(1, status.exit());
    assertTrue(
        status.errors().matches("pifleet-collector: no pifleet-collector runs here \\(.*\\)\n"),
        status.errors());
  }

  @Test
  void whatDoesNotExistIsSaidInOneSentence() throws Exception {
    Collector collector = fleet.collector();
    Agent agent = fleet.agent("pi-1", collector.address());
    Files.createDirectories(collector.store());
    assertSentence(1, agent.verb("export", "2026-W01").run());
    assertSentence(1, collector.verb("export", "pi-1", "2026-W01").run());
    assertSentence(1, collector.verb("records", "pi-1", "2026-W01").run());
    assertEquals(2, agent.verb("export", "../etc/passwd").run().exit());
    assertEquals(2, agent.verb("exprot").run().exit());
  }

  private static void assertSentence(int exit, Program.Result result) {
    assertEquals(exit, result.exit(), result.errors());
    assertEquals("", result.out());
    assertEquals(1, result.errors().lines().count(), result.errors());
    assertTrue(result.errors().matches("pifleet-(agent|collector): no .*\n"), result.errors());
  }

  @Test
  void everyVerbExplainsItself() {
    assertHelp(
        AgentCommand::run,
        List.of(
            "run",
            "status",
            "check-config",
            "plugins",
            "seal",
            "upload",
            "archives",
            "export",
            "discover",
            "version"));
    assertHelp(
        CollectorCommand::run,
        List.of(
            "run",
            "status",
            "check-config",
            "devices",
            "archives",
            "records",
            "export",
            "verify",
            "forget",
            "version"));
  }

  private static void assertHelp(ToIntFunction<String[]> command, List<String> verbs) {
    for (String verb : verbs) {
      String help = captured(() -> command.applyAsInt(new String[] {verb, "--help"}));
      assertTrue(help.startsWith("0 Usage: "), verb + ": " + help);
      assertTrue(help.contains(verb), help);
    }
    String all = captured(() -> command.applyAsInt(new String[] {"--help"}));
    for (String verb : verbs) {
      assertTrue(all.contains("\n  " + verb), verb + " in " + all);
    }
  }

  private static String captured(IntSupplier body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    int exit;
    try (PrintStream out = new PrintStream(bytes, true, UTF_8)) {
      System.setOut(out);
      exit = body.getAsInt();
    } finally {
      System.setOut(before);
    }
    return exit + " " + bytes.toString(UTF_8);
  }
}
