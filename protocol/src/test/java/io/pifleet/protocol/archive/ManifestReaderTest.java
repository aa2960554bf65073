package io.pifleet.protocol.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of protocol/README.md section 2.4, each broken once. */
final class ManifestReaderTest {
  private static final String A = "a".repeat(64);
  private static final String VALID =
      """
      {"format": "pifleet-archive/1", "device": "pi-1", "period": "2026-W47", "part": 1,
       "from": "2026-11-16T00:00:00Z", "to": "2026-11-23T00:00:00Z", "sealed": "2026-11-23T00:00:02Z",
       "agent": "0.1.0", "counters": {"records": 3},
       "clocks": [{"boot": "b", "known": true, "correction-ns": 0}],
       "gaps": [{"from": "2026-11-18T09:00:10Z", "to": "2026-11-18T09:00:20Z", "source": "disk", "reason": "off"}],
       "members": [
         {"name": "metrics/x.lp", "size": 3, "segment": 0},
         {"name": "files/a", "size": 4, "segment": 1, "segments": 2},
         {"name": "files/b", "size": 5, "segment": 3},
         {"name": "files/c", "size": 5, "segment": 3}],
       "segments": [{"sha256": "A", "size": 1}, {"sha256": "A", "size": 4194304}, {"sha256": "A", "size": 2}, {"sha256": "A", "size": 2}]}
      """
          .replace("\"A\"", "\"" + A + "\"");

  private static Manifest read(String json) throws IOException {
    return ManifestReader.read(
        new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), ManifestVisitor.NONE);
  }

  private static Arguments broken(String found, String replacement, String message) {
    assertTrue(VALID.contains(found), found);
    return Arguments.of(VALID.replace(found, replacement), message);
  }

  static Stream<Arguments> brokenRules() {
    return Stream.of(
        // The document
        Arguments.of("", "the manifest is null"),
        Arguments.of("[]", "the manifest is START_ARRAY"),
        Arguments.of(VALID + "{}", "something follows"),
        Arguments.of(VALID.substring(0, VALID.length() - 5), "not JSON"),
        Arguments.of(VALID + " ".repeat(1 << 20), "longer than 1048576 bytes"),
        broken("\"part\": 1,", "\"part\": 1, \"part\": 2,", "not JSON"),
        broken("\"part\": 1,", "\"x\": [[[[[[[[1]]]]]]]], \"part\": 1,", "over a limit"),
        // format
        broken("\"format\": \"pifleet-archive/1\", ", "", "wanted: format"),
        broken("archive/1", "archive/2", "format is \"pifleet-archive/2\""),
        broken("\"pifleet-archive/1\"", "1", "format is VALUE_NUMBER_INT"),
        // names
        broken("\"device\": \"pi-1\", ", "", "device is absent"),
        broken("pi-1", "../etc", "device is \"../etc\""),
        broken("pi-1", "p".repeat(65), "at most 64"),
        broken("\"period\": \"2026-W47\", ", "", "period is absent"),
        broken("2026-W47", "2026-W54", "period is \"2026-W54\""),
        broken("\"part\": 1", "\"part\": 0", "part is 0"),
        broken("\"part\": 1", "\"part\": 10000", "part is 10000"),
        broken("\"part\": 1", "\"part\": 99999999999999999999", "out of range"),
        broken("\"part\": 1", "\"part\": 1.5", "part is VALUE_NUMBER_FLOAT"),
        // times
        broken("\"from\": \"2026-11-16T00:00:00Z\", ", "", "from is absent"),
        broken("2026-11-16T00:00:00Z", "2026-11-16T00:00:00+01:00", "RFC 3339 in UTC"),
        broken("2026-11-16T00:00:00Z", "2026-11-31T00:00:00Z", "RFC 3339 in UTC"),
        // Read in one way here and in another there, these would make two ends of one archive.
        broken("2026-11-23T00:00:02Z", "2026-11-23T23:59:60Z", "sealed is"),
        broken("2026-11-23T00:00:02Z", "2026-11-23T24:00:00Z", "sealed is"),
        broken("2026-11-23T00:00:02Z", "2026-11-23T00:00:02.Z", "sealed is"),
        broken("2026-11-23T00:00:02Z", "+12026-11-23T00:00:02Z", "sealed is"),
        broken("2026-11-23T00:00:02Z", "2026-11-23t00:00:02z", "sealed is"),
        broken("2026-11-16T00:00:00Z", "2027-11-16T00:00:00Z", "before from"),
        broken(" \"sealed\": \"2026-11-23T00:00:02Z\",", "", "sealed is absent"),
        // agent, counters, clocks, gaps
        broken("\"agent\": \"0.1.0\", ", "", "agent is absent"),
        broken("0.1.0", "0".repeat(65), "at most 64"),
        broken("0.1.0", "ü".repeat(33), "agent has 66 bytes"),
        broken("\"records\": 3", "\"records\": \"3\"", "records is VALUE_STRING"),
        broken("{\"records\": 3}", "[]", "counters is START_ARRAY"),
        broken("{\"records\": 3}", manyCounters(), "more than 64 counters"),
        broken("\"boot\": \"b\", ", "", "boot of a clock is absent"),
        broken("\"known\": true", "\"known\": \"yes\"", ""),
        broken("\"reason\": \"off\"", "\"reason\": 7", "reason is VALUE_NUMBER_INT"),
        broken(", \"reason\": \"off\"", "", "reason of a gap is absent"),
        // members
        broken("\"members\"", "\"member\"", "segments come before members"),
        broken("metrics/x.lp", "/metrics/x.lp", "wanted: a relative path"),
        broken("metrics/x.lp", "metrics/../x.lp", "wanted: a relative path"),
        broken("metrics/x.lp", "metrics//x.lp", "wanted: a relative path"),
        broken("metrics/x.lp", "metrics/\\u001b[2J", "wanted: a relative path"),
        broken("metrics/x.lp", "m".repeat(1025), "at most 1024"),
        broken("metrics/x.lp", "manifest.json", "wanted: a relative path"),
        broken("\"name\": \"metrics/x.lp\", ", "", "name of member 0 is absent"),
        broken("\"size\": 3", "\"size\": -3", "absent or negative"),
        broken("\"size\": 3, ", "", "absent or negative"),
        broken("\"segment\": 0", "\"segment\": 1", "wanted: from 0"),
        broken("\"segment\": 1,", "\"segment\": 2,", "wanted: from 1"),
        broken("\"segments\": 2", "\"segments\": 0", "in 0 segments"),
        broken("\"segments\": 2", "\"segments\": 9000", "in 9000 segments"),
        broken(
            "\"segment\": 1, \"segments\": 2", "\"segment\": 0, \"segments\": 3", "wanted: from 1"),
        broken("\"segment\": 3", "\"segment\": 4", "wanted: from 3"),
        // segments
        broken(", {\"sha256\": \"" + A + "\", \"size\": 2}]", "]", "cover 4 segments, but 3"),
        broken(
            "\"segments\": [",
            "\"segments\": [{\"sha256\": \"" + A + "\", \"size\": 9}, ",
            "cover 4 segments, but 5"),
        broken("\"size\": 4194304", "\"size\": 4194305", "4194305; wanted: 1 to 4194304"),
        broken("\"size\": 4194304", "\"size\": 0", "wanted: 1 to 4194304"),
        broken(A, "A".repeat(64), "not 64 lower-case hex digits"),
        broken(A, "a".repeat(63), "not 64 lower-case hex digits"),
        broken("\"sha256\": \"" + A + "\", \"size\": 4194304", "\"size\": 4194304", "is absent"));
  }

  private static String manyCounters() {
    List<String> counters = new ArrayList<>();
    for (int i = 0; i < 65; i++) {
      counters.add("\"c" + i + "\": 1");
    }
    return "{" + String.join(", ", counters) + "}";
  }

  @ParameterizedTest
  @MethodSource("brokenRules")
  void namesTheRuleThatIsBroken(String json, String message) {
    ManifestException e = assertThrows(ManifestException.class, () -> read(json));
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  @Test
  void takesAManifestThatBreaksNone() throws IOException {
    Manifest manifest = read(VALID);
    assertEquals(4, manifest.members());
    assertEquals(4, manifest.segments().count());
    assertEquals(3L, manifest.counters().get("records"));
  }

  @Test
  void takesTimesDownToTheNanosecond() throws IOException {
    Manifest manifest = read(VALID.replace("00:00:02Z", "00:00:02.000000001Z"));
    assertEquals(Instant.parse("2026-11-23T00:00:02.000000001Z"), manifest.sealed());
  }

  @Test
  void countsTextInBytes() throws IOException {
    assertEquals("ü".repeat(32), read(VALID.replace("0.1.0", "ü".repeat(32))).agent());
    // The longest gap of an agent: it counts characters, and every one of them may have three
    // bytes.
    String gap = "\"" + "戸".repeat(256) + "\", \"detail\": \"" + "戸".repeat(512) + "\"";
    assertEquals(1, read(VALID.replace("\"disk\"", gap)).gaps());
  }

  @Test
  void skipsKeysThatItDoesNotKnow() throws IOException {
    String json =
        VALID
            .replace("\"part\": 1,", "\"part\": 1, \"later\": {\"a\": [1, {\"b\": null}]},")
            .replace("\"size\": 3,", "\"size\": 3, \"owner\": \"root\",");
    assertEquals(4, read(json).members());
  }

  @Test
  void refusesMoreSegmentsThanTheLimit() {
    StringBuilder segments = new StringBuilder();
    for (int i = 0; i < 8193; i++) {
      segments.append(i == 0 ? "" : ",").append("{\"sha256\":\"" + A + "\",\"size\":1}");
    }
    String json =
        "{\"format\":\"pifleet-archive/1\",\"members\":[],\"segments\":[" + segments + "]}";
    ManifestException e = assertThrows(ManifestException.class, () -> read(json));
    assertTrue(e.getMessage().contains("more than 8192 segments"), e::getMessage);
  }

  @Test
  void refusesWhatIsNotUtf8() {
    byte[] bytes = VALID.getBytes(StandardCharsets.UTF_8);
    int at = VALID.indexOf("metrics/x.lp");
    bytes[at] = (byte) 0xc3;
    ManifestException e =
        assertThrows(
            ManifestException.class,
            () -> ManifestReader.read(new ByteArrayInputStream(bytes), ManifestVisitor.NONE));
    assertEquals("not UTF-8", e.getMessage());
  }
}
