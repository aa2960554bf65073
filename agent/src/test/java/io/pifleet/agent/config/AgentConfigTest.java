package io.pifleet.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.agent.upload.CollectorAddress;
import io.pifleet.daemon.config.ConfigException;
import io.pifleet.daemon.config.ConfigFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AgentConfigTest {
  private static final Path NAME = Path.of("/etc/pifleet/agent.conf");
  private static final Path DOCUMENTED = Path.of("../config/agent.conf");

  @Test
  void theDocumentedDefaultsAreTheCodesDefaults() throws Exception {
    String documented = Files.readString(DOCUMENTED);
    ConfigFile file = ConfigFile.parse(NAME, documented, "pifleet");
    ConfigFile empty = ConfigFile.parse(NAME, "", "pifleet");
    assertEquals(AgentConfig.from(empty.root()), AgentConfig.from(file.root()));
    assertEquals(Set.of("pifleet.transport"), file.absentKeys());
  }

  @Test
  void theDocumentedFileIsCompleteOnceTheTransportIsDecided() throws Exception {
    String decided =
        Files.readString(DOCUMENTED).replace("#transport = plain", "transport = plain");
    ConfigFile file = ConfigFile.parse(NAME, decided, "pifleet");
    AgentConfig.from(file.root());
    file.root().known("plugins");
    file.check();
  }

  @Test
  void refusesAFileWithoutTransportAndSaysWhy() {
    String problem = problemOf("pifleet { }");
    assertTrue(problem.contains("pifleet.transport is missing; wanted: plain"), problem);
    assertTrue(problem.contains("neither encrypted nor authenticated"), problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "period = monthly|pifleet.period is \"monthly\"; wanted: iso-week, or a duration from 5 s",
        "period = 4 s|pifleet.period is \"4 s\"",
        "period = 8 days|pifleet.period is \"8 days\"",
        "period = 5500 ms|in whole seconds",
        "device-id = Kitchen|pifleet.device-id is \"Kitchen\"; wanted: auto, or 1 to 64 of",
        "collectors = [\"attic:99999\"]|names \"attic:99999\"; wanted: auto, or \"host:port\"",
        "collectors = []|has 0 entries",
        "receipts-required = 2|wanted: at most 1",
        "upload-window = night|wanted: always, or hours of the day such as 01:00-05:00",
        "transport = tls|wanted: one of plain",
        "rate-limit = fast|pifleet.rate-limit is \"fast\"",
        "spool.flush-intervall = 5 s|flush-intervall is not known; did you mean flush-interval?",
        "spool.when-full = explode|one of drop-oldest, drop-newest, pause",
      })
  void namesWhatIsWrong(String line, String expected) {
    String problem = problemOf("pifleet.transport = plain\npifleet." + line);
    assertTrue(problem.contains(expected), problem);
    assertTrue(problem.contains(NAME + ":2") || line.startsWith("transport"), problem);
  }

  @Test
  void readsWhatIsSet() throws Exception {
    AgentConfig config =
        read(
            "pifleet { transport = plain, period = 20 s, rate-limit = 500 KiB, device-id = pi-1,"
                + " collectors = [\"attic\", \"[2001:db8::7]:80\"], receipts-required = 2 }");
    assertEquals(Optional.of(Duration.ofSeconds(20)), config.periodLength());
    assertEquals(512_000, config.rateLimit());
    assertEquals(Optional.of("pi-1"), config.deviceId());
    assertEquals(
        List.of(new CollectorAddress("attic", 7433), new CollectorAddress("2001:db8::7", 80)),
        config.collectors().addresses());
    assertEquals(2, config.receiptsRequired());
  }

  private static AgentConfig read(String text) throws ConfigException {
    ConfigFile file = ConfigFile.parse(NAME, text, "pifleet");
    AgentConfig config = AgentConfig.from(file.root());
    file.check();
    return config;
  }

  private static String problemOf(String text) {
    return assertThrows(ConfigException.class, () -> read(text)).getMessage();
  }
}
