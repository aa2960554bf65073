package io.pifleet.collector.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.daemon.config.ConfigException;
import io.pifleet.daemon.config.ConfigFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CollectorConfigTest {
  private static final Path NAME = Path.of("/etc/pifleet/collector.conf");
  private static final Path DOCUMENTED = Path.of("../config/collector.conf");

  @Test
  void theDocumentedDefaultsAreTheCodesDefaults() throws Exception {
    ConfigFile file = ConfigFile.parse(NAME, Files.readString(DOCUMENTED), "pifleet");
    ConfigFile empty = ConfigFile.parse(NAME, "", "pifleet");
    assertEquals(CollectorConfig.from(empty.root()), CollectorConfig.from(file.root()));
    assertEquals(Set.of("pifleet.transport"), file.absentKeys());
  }

  @Test
  void theDocumentedFileIsCompleteOnceTheTransportIsDecided() throws Exception {
    String decided =
        Files.readString(DOCUMENTED).replace("#transport = plain", "transport = plain");
    read(decided);
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
        "listen = \"attic:99999\"|pifleet.listen names \"attic:99999\"; wanted: \"address:port\"",
        "listen = []|has 0 entries; wanted: 1 to 16",
        "collector-id = Attic|pifleet.collector-id is \"Attic\"; wanted: auto, or",
        "max-transfers = 0|wanted: a whole number from 1 to 1000",
        "grant-max = 1 KiB|wanted: a size from 64 KiB to 1 GiB",
        "retention.max-age = old|pifleet.retention.max-age is \"old\"; wanted: a duration",
        "retention.max-bytes-per-device = 5|wanted: a size from 1 MiB",
        "late-afer = 2 days|pifleet.late-afer is not known; did you mean late-after?",
        "transport = tls|wanted: one of plain",
      })
  void namesWhatIsWrong(String line, String expected) {
    String problem = problemOf("pifleet.transport = plain\npifleet." + line);
    assertTrue(problem.contains(expected), problem);
    assertTrue(problem.contains(NAME + ":2") || line.startsWith("transport"), problem);
  }

  @Test
  void readsWhatIsSet() throws Exception {
    CollectorConfig config =
        read(
            "pifleet { transport = plain, listen = [\"127.0.0.1:0\", \"[::1]\", \"attic\"],"
                + " retention { max-age = 400 days, max-bytes-per-device = 20 GiB } }");
    assertEquals(
        List.of(
            new ListenAddress("127.0.0.1", 0),
            new ListenAddress("::1", 7433),
            new ListenAddress("attic", 7433)),
        config.listen());
    assertEquals(Optional.of(Duration.ofDays(400)), config.maxAge());
    assertEquals(OptionalLong.of(20L << 30), config.maxBytesPerDevice());
  }

  @ParameterizedTest
  @CsvSource({":1", "::1:7433", "[::1", "[::1]x7433", "a b:1", "host:", "host:x", "[]:1"})
  void refusesAnAddressThatIsNone(String text) {
    assertEquals(Optional.empty(), ListenAddress.parse(text));
  }

  @Test
  void namesTheKeysWhoseChangeNeedsARestart() throws Exception {
    CollectorConfig before = read("pifleet.transport = plain");
    CollectorConfig after =
        read(
            "pifleet { transport = plain, listen = \"[::]:1\", announce = no, max-transfers = 2,"
                + " late-after = 1 day }");
    assertEquals(List.of("listen", "announce"), after.needsRestartAfter(before));
  }

  private static CollectorConfig read(String text) throws ConfigException {
    ConfigFile file = ConfigFile.parse(NAME, text, "pifleet");
    CollectorConfig config = CollectorConfig.from(file.root());
    file.check();
    return config;
  }

  private static String problemOf(String text) {
    return assertThrows(ConfigException.class, () -> read(text)).getMessage();
  }
}
