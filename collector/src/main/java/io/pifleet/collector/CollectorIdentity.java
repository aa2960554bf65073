package io.pifleet.collector;

import io.pifleet.collector.config.CollectorConfig;
import io.pifleet.linux.DurableFile;
import io.pifleet.protocol.DeviceId;
import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Who this collector is: {@code hostname-6hex}, the digits from the machine id. Made once and kept
 * in the state directory: devices stay with the collector of the id that they know from its
 * receipts.
 */
public final class CollectorIdentity {
  private static final String FILE = "collector-id";
  private static final int HEX_DIGITS = 6;
  private static final int MOST_READ = 256; // host names and ids have at most 64

  private final Path root;
  private final Path stateDir;

  /**
   * @param root {@code /}, but in tests
   */
  CollectorIdentity(Path root, Path stateDir) {
    this.root = root;
    this.stateDir = stateDir;
  }

  /** The id that is configured, else the one that is kept; made and kept when there is none yet. */
  public static String of(CollectorConfig config) throws IOException {
    return config.collectorId().isPresent()
        ? config.collectorId().get()
        : new CollectorIdentity(Path.of("/"), config.stateDir()).resolve();
  }

  String resolve() throws IOException {
    Path file = stateDir.resolve(FILE);
    try {
      String kept = firstLine(file);
      if (!DeviceId.isValid(kept)) {
        throw new IOException(file + " holds no collector id; wanted: " + DeviceId.WANTED);
      }
      return kept;
    } catch (NoSuchFileException e) {
      String made = make();
      DurableFile.replace(file, StandardCharsets.UTF_8.encode(made + "\n"));
      return made;
    }
  }

  private String make() throws IOException {
    String host = firstLine(root.resolve("proc/sys/kernel/hostname")).toLowerCase(Locale.ROOT);
    int dot = host.indexOf('.');
    StringBuilder id = new StringBuilder();
    for (char c : (dot < 0 ? host : host.substring(0, dot)).toCharArray()) {
      boolean fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (id.length() < DeviceId.MAX_LENGTH - HEX_DIGITS - 1 && (fits || id.length() > 0)) {
        id.append(fits ? c : '-');
      }
    }
    if (id.length() == 0) {
      id.append("collector");
    }
    byte[] machine = machineId().getBytes(StandardCharsets.UTF_8);
    return id.append('-').append(Sha256.of(machine).abbreviated(HEX_DIGITS)).toString();
  }

  private String machineId() throws IOException {
    for (String source : new String[] {"etc/machine-id", "var/lib/dbus/machine-id"}) {
      try {
        String id = firstLine(root.resolve(source));
        if (!id.isEmpty()) {
          return id;
        }
      } catch (NoSuchFileException e) {
        // the next source
      }
    }
    throw new IOException("no /etc/machine-id: set pifleet.collector-id in collector.conf");
  }

  /** Read with one large read(2): some files under /proc/sys answer a first, short one only. */
  private static String firstLine(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer bytes = ByteBuffer.allocate(MOST_READ);
      channel.read(bytes);
      String text = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
      int end = text.indexOf('\n');
      return (end < 0 ? text : text.substring(0, end)).strip();
    }
  }
}
