package io.pifleet.protocol.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a device sends, seen by strace(1). */
@Timeout(120)
final class SystemCallsTest {
  private static final int SEGMENTS = 40;
  private static final int SEGMENT_BYTES = 1 << 20;
  private static final int GRANT_BYTES = 8 << 20;

  /** Behind a call that strace prints in two lines, since another thread's came in between. */
  private static final String UNFINISHED = "<unfinished ...>";

  @TempDir Path directory;

  @Test
  void sendsEachRangeWithOneSendfileAndEachMessageWithOneWrite() throws Exception {
    assumeTrue(isThere("strace"), "strace is not installed: apt install strace");
    SampleStore store = new SampleStore(directory.resolve("store"));
    Path trace = directory.resolve("trace");
    try (SampleCollector collector =
        new SampleCollector(store, SampleCollector.LIMITS.withGrantMaxBytes(GRANT_BYTES))) {
      Process device =
          new ProcessBuilder(
                  "strace",
                  "-f",
                  "-e",
                  "trace=sendfile,sendfile64,write,writev,sendto,sendmsg,connect",
                  "-s",
                  "8",
                  "-xx",
                  "-o",
                  trace.toString(),
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "io.pifleet.protocol.transfer.SendingDevice",
                  Integer.toString(collector.address().getPort()),
                  directory.resolve("spool").toString(),
                  Integer.toString(SEGMENTS),
                  Integer.toString(SEGMENT_BYTES))
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("out").toFile())
              .start();
      assertTrue(device.waitFor(90, TimeUnit.SECONDS), "the device hangs");
      assertEquals(0, device.exitValue(), Files.readString(directory.resolve("out")));
    }
    List<String> calls = Files.readAllLines(trace);
    List<String> sendfiles =
        calls.stream()
            .filter(call -> call.contains("sendfile") && !call.contains(UNFINISHED))
            .toList();
    assertEquals(
        SEGMENTS,
        sendfiles.stream().filter(call -> call.endsWith("= " + SEGMENT_BYTES)).count(),
        () -> String.join("\n", sendfiles));
    assertEquals(SEGMENTS, sendfiles.size(), () -> String.join("\n", sendfiles));
    // The OFFER: preamble, header and manifest in one writev(2).
    String preamble = "\"\\x50\\x49\\x46\\x4c\\x00\\x01\\x00\\x00\"";
    List<String> offers = calls.stream().filter(call -> call.contains(preamble)).toList();
    assertEquals(1, offers.size(), offers::toString);
    assertTrue(offers.get(0).contains("writev("), offers::toString);
    // DATA for 5 grants of 8 segments, 32 bytes each.
    String data = "\"\\x06\\x00\\x00\\x02\\x00\\x00\\x00\\x18\"";
    List<String> datas = calls.stream().filter(call -> call.contains(data)).toList();
    assertEquals(SEGMENTS * (long) SEGMENT_BYTES / GRANT_BYTES, datas.size(), datas::toString);
    assertTrue(
        datas.stream().allMatch(call -> call.contains(UNFINISHED) || call.endsWith(" = 32")),
        datas::toString);
  }

  private static boolean isThere(String command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command, "-V")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
