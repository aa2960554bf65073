package io.pifleet.agent;

import io.pifleet.linux.DurableFile;
import io.pifleet.protocol.DeviceId;
import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who this device is: {@code hostname-6hex}, the digits from the board's serial number, or from the
 * machine id where the board has none. Made once and kept in the state directory, so that a new
 * host name does not make a new device; made the same again after the card was written anew.
 */
final class DeviceIdentity {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceIdentity.class);
  private static final String FILE = "device-id";
  private static final int HEX_DIGITS = 6;

  private final Path root;
  private final Path stateDir;

  /**
   * @param root {@code /}, but in tests
   */
  DeviceIdentity(Path root, Path stateDir) {
    this.root = root;
    this.stateDir = stateDir;
  }

  /** The id that is kept; made and kept when there is none yet. */
  String resolve() throws IOException {
    Optional<String> kept = kept();
    if (kept.isPresent()) {
      if (isFromAnotherBoard(kept.get())) {
        LOG.warn(
            "{} was made on another board. If this card is a copy, delete {} and restart: two"
                + " devices with one id get in each other's way",
            kept.get(),
            stateDir.resolve(FILE));
      }
      return kept.get();
    }
    String id = make();
    keep(id);
    return id;
  }

  /** Whether the id ends otherwise than one that is made here; not so when nobody can tell. */
  boolean isFromAnotherBoard(String id) throws IOException {
    Optional<String> serial = serial();
    return serial.isPresent() && !id.endsWith(digits(serial.get()));
  }

  /** The id that is kept, without making one. */
  Optional<String> kept() throws IOException {
    Path file = stateDir.resolve(FILE);
    try {
      String text = KernelText.firstLine(file);
      if (!DeviceId.isValid(text)) {
        throw new IOException(file + " holds no device id; wanted: a-z, 0-9 and -");
      }
      return Optional.of(text);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private String make() throws IOException {
    String serial =
        serial()
            .orElseThrow(
                () ->
                    new IOException(
                        "no board serial number and no /etc/machine-id: set pifleet.device-id in"
                            + " agent.conf"));
    int room = DeviceId.MAX_LENGTH - HEX_DIGITS - 1;
    String host = hostName().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    host = host.substring(0, Math.min(host.length(), room)).replaceAll("^-|-$", "");
    return (host.isEmpty() ? "device" : host) + digits(serial);
  }

  private static String digits(String serial) {
    return "-" + Sha256.of(serial.getBytes(StandardCharsets.UTF_8)).abbreviated(HEX_DIGITS);
  }

  private String hostName() throws IOException {
    try {
      String name = KernelText.firstLine(root.resolve("proc/sys/kernel/hostname"));
      int dot = name.indexOf('.');
      return dot < 0 ? name : name.substring(0, dot);
    } catch (NoSuchFileException e) {
      return InetAddress.getLocalHost().getHostName();
    }
  }

  private Optional<String> serial() throws IOException {
    String[] sources = {
      "sys/firmware/devicetree/base/serial-number", "etc/machine-id", "var/lib/dbus/machine-id"
    };
    for (String source : sources) {
      try {
        String text = KernelText.firstLine(root.resolve(source));
        // machine-id(5): "uninitialized" until the first boot is over
        if (!text.matches("0*|uninitialized")) {
          return Optional.of(text);
        }
      } catch (NoSuchFileException e) {
        // the next source
      }
    }
    return Optional.empty();
  }

  private void keep(String id) throws IOException {
    Files.createDirectories(stateDir);
    DurableFile.replace(stateDir.resolve(FILE), StandardCharsets.UTF_8.encode(id + "\n"));
  }
}
