package io.pifleet.deploy;

import io.pifleet.linux.ZstdDecompressor;
import io.pifleet.linux.ZstdException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What a dead agent left in its spool: the records that a start has to find again. */
final class SpoolOnDisk {
  /** Left blank for the tar header until the segment is sealed (design of segments). */
  private static final int BLANK_BYTES = 522;

  private static final int MAX_WINDOW_LOG = 23;

  private SpoolOnDisk() {}

  /** Numbers of the records of {@link Inputs#probe} that lie there in whole frames. */
  static Set<Long> numbers(Path spool) throws IOException {
    List<String> lines = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> walk = Files.walk(spool)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (name.equals("records.open")) {
        decode(file, BLANK_BYTES).lines().forEach(lines::add);
      } else if (name.endsWith(".seg")) {
        decode(file, 0).lines().forEach(lines::add);
      }
    }
    return new TreeSet<>(Unpacked.numbers(lines).keySet());
  }

  private static String decode(Path file, int from) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int length = Math.max(0, bytes.length - from);
    ByteBuffer source = ByteBuffer.allocateDirect(length);
    source.put(bytes, bytes.length - length, length).flip();
    ByteBuffer target = ByteBuffer.allocateDirect(128 << 10);
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    try (ZstdDecompressor decompressor = new ZstdDecompressor(MAX_WINDOW_LOG)) {
      int before = -1;
      while (source.hasRemaining() && source.position() + frame.size() != before) {
        before = source.position() + frame.size();
        boolean ended = decompressor.decompress(source, target.clear());
        byte[] out = new byte[target.flip().remaining()];
        target.get(out);
        frame.writeBytes(out);
        if (ended) {
          frame.writeTo(whole);
          frame.reset();
        }
      }
    } catch (ZstdException e) {
      // A torn frame at the end; what comes before it counts.
    }
    return whole.toString(StandardCharsets.ISO_8859_1);
  }
}
