package io.pifleet.protocol.transfer;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A process that makes a sample archive and delivers it, for tests that look at a device from
 * outside: {@code PORT DIRECTORY SEGMENTS SEGMENT_BYTES}.
 */
final class SendingDevice {
  private SendingDevice() {}

  public static void main(String[] args) throws Exception {
    int[] sizes = new int[Integer.parseInt(args[2])];
    Arrays.fill(sizes, Integer.parseInt(args[3]));
    SampleArchive archive = SampleArchive.make(Path.of(args[1]), "pi-kitchen", 1, sizes);
    try (SampleDevice device = new SampleDevice(SenderLimits.DEFAULT)) {
      Outcome outcome =
          device.offer(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])),
              archive);
      System.exit(outcome instanceof Outcome.Stored ? 0 : 1);
    }
  }
}
