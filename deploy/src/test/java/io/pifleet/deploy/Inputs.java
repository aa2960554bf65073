package io.pifleet.deploy;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/** What the agents of a test gather. */
final class Inputs {
  /**
   * Counts in a file that outlives the agent, so that every record of a test has a number of its
   * own: a number that is missing was lost, one that comes twice was doubled.
   */
  private static final String PROBE =
      """
      #!/bin/sh
      n=$(cat "$1" 2>/dev/null || echo 0)
      now=$(date +%s)
      i=0
      while [ $i -lt "$2" ]; do
        n=$((n+1)); i=$((i+1))
        printf 'probe n=%di %d%09d\\n' $n "$now" $n
      done
      echo $n > "$1.new" && mv "$1.new" "$1"
      """;

  private Inputs() {}

  /** Configuration of a plugin {@code probe} with some numbered records at a time. */
  static String probe(Path directory, String interval, int records) throws IOException {
    Path script = Files.writeString(directory.resolve("probe.sh"), PROBE);
    return "plugins.probe { type = exec, interval = %s, command = [/bin/sh, \"%s\", \"%s\", \"%d\"] }"
        .formatted(interval, script, directory.resolve("count"), records);
  }

  /** Configuration of a plugin {@code drop} that takes every file of a directory. */
  static String drop(Path directory) {
    return "plugins.drop { type = files, paths = [\"%s/**\"], settle = 0 s, interval = 1 s }"
        .formatted(directory);
  }

  /** Bytes that do not compress, the same ones for the same seed. */
  static Path random(Path file, long size, long seed) throws IOException {
    Random random = new Random(seed);
    byte[] chunk = new byte[64 << 10];
    Path temp = file.resolveSibling("." + file.getFileName());
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temp))) {
      for (long left = size; left > 0; left -= chunk.length) {
        random.nextBytes(chunk);
        out.write(chunk, 0, (int) Math.min(left, chunk.length));
      }
    }
    return Files.move(temp, file);
  }

  static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
