package io.pifleet.collector.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HexFormat;

/**
 * What has arrived of an archive, as its {@code state} file says it:
 *
 * <pre>
 *   pifleet-partial/1
 *   run 4f1c9a0b2d3e4f50          the run of the collector that wrote it
 *   verified ff03                 bit i (lowest first) of byte i/8: segment i matched its hash
 *   held 10 65536                 unverified bytes at the start of a segment; any number of lines
 * </pre>
 *
 * <p>Only a hint: after a restart every segment is hashed again before it counts, and a file that
 * makes no sense is as good as none. Not thread-safe; owned by its {@link IncomingArchive}.
 */
final class PartialState {
  private static final String FIRST_LINE = "pifleet-partial/1";

  /** A bitmap of 8,192 bits and as many lines of "held" fit twice. */
  private static final int MAX_BYTES = 512 << 10;

  private final BitSet verified = new BitSet();
  private final int[] heldBytes;
  private boolean ofThisRun;

  private PartialState(int segments) {
    heldBytes = new int[segments];
  }

  /**
   * @param sizes of the segments, in bytes
   * @return an empty state when the file is missing or makes no sense
   */
  static PartialState read(Path file, int[] sizes, String run) {
    PartialState state = new PartialState(sizes.length);
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
      if (Files.size(file) <= MAX_BYTES && FIRST_LINE.equals(lines.readLine())) {
        state.ofThisRun = ("run " + run).equals(lines.readLine());
        String line = lines.readLine();
        if (line != null && line.startsWith("verified ")) {
          state.verified.or(BitSet.valueOf(HexFormat.of().parseHex(line.substring(9))));
          state.verified.clear(sizes.length, Math.max(sizes.length, state.verified.length()));
        }
        for (line = lines.readLine(); line != null; line = lines.readLine()) {
          state.readHeld(line, sizes);
        }
        return state;
      }
    } catch (NoSuchFileException e) {
      // nothing has arrived, or the collector was killed
    } catch (IOException | IllegalArgumentException e) {
      // torn: as good as none
    }
    return new PartialState(sizes.length);
  }

  private void readHeld(String line, int[] sizes) {
    String[] words = line.split(" ", 4);
    if (words.length == 3 && words[0].equals("held")) {
      int segment = Integer.parseInt(words[1]);
      int bytes = Integer.parseInt(words[2]);
      if (segment >= 0 && segment < sizes.length && bytes > 0 && bytes <= sizes[segment]) {
        heldBytes[segment] = bytes;
      }
    }
  }

  /** Text that {@link #read} reads. */
  byte[] toBytes(String run) {
    StringBuilder text = new StringBuilder();
    text.append(FIRST_LINE).append("\nrun ").append(run).append("\nverified ");
    text.append(HexFormat.of().formatHex(verified.toByteArray())).append('\n');
    for (int i = 0; i < heldBytes.length; i++) {
      if (heldBytes[i] > 0 && !verified.get(i)) {
        text.append("held ").append(i).append(' ').append(heldBytes[i]).append('\n');
      }
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether it was written since the collector started, so that it can be believed. */
  boolean ofThisRun() {
    return ofThisRun;
  }

  BitSet verified() {
    return verified;
  }

  int heldBytes(int segment) {
    return verified.get(segment) ? 0 : heldBytes[segment];
  }

  void arrived(int segment, int offset, int length) {
    if (offset <= heldBytes[segment]) {
      heldBytes[segment] = Math.max(heldBytes[segment], offset + length);
    }
  }

  void verified(int segment) {
    verified.set(segment);
    heldBytes[segment] = 0;
  }

  void discard(int segment) {
    verified.clear(segment);
    heldBytes[segment] = 0;
  }
}
