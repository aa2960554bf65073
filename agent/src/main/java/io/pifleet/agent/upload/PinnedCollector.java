package io.pifleet.agent.upload;

import io.pifleet.linux.DurableFile;
import io.pifleet.protocol.DeviceId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The collector that gave this device its first receipt, remembered in a file with its id.
 * Multicast DNS proves nothing: from the first receipt on, no announcement of another id gets this
 * device's archives. Deleting the file starts over.
 *
 * <p>Owned by the upload thread; {@link #id} may be called from any.
 */
public final class PinnedCollector {
  private final Path file;
  private volatile Optional<String> id;

  private PinnedCollector(Path file, Optional<String> id) {
    this.file = file;
    this.id = id;
  }

  /**
   * @throws IOException when the file is there and holds no id: guessing would defeat its purpose
   */
  public static PinnedCollector load(Path file) throws IOException {
    try {
      if (Files.size(file) > 2 * DeviceId.MAX_LENGTH) {
        throw new IOException(file + " is too long for a collector's id; delete it to start over");
      }
      String text = Files.readString(file).strip();
      if (!DeviceId.isValid(text)) {
        throw new IOException(file + " holds no collector's id; delete it to start over");
      }
      return new PinnedCollector(file, Optional.of(text));
    } catch (NoSuchFileException e) {
      return new PinnedCollector(file, Optional.empty());
    }
  }

  public Optional<String> id() {
    return id;
  }

  Path file() {
    return file;
  }

  /** Pins, durably, unless something is pinned already. */
  void pin(String collectorId) throws IOException {
    if (id.isPresent()) {
      return;
    }
    DurableFile.replace(file, StandardCharsets.UTF_8.encode(collectorId + "\n"));
    id = Optional.of(collectorId);
  }
}
