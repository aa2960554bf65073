package io.pifleet.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ZstdTest {
  private static final int WINDOW_LOG = 17;

  @TempDir Path directory;

  @Test
  void decodesWhatItEncodedAtManySizes() throws IOException {
    try (ZstdCompressor compressor = new ZstdCompressor(3, WINDOW_LOG);
        ZstdDecompressor decompressor = new ZstdDecompressor(WINDOW_LOG)) {
      for (int size : new int[] {0, 1, 511, 4_096, 131_071, 131_072, 131_073, 3_000_000}) {
        byte[] text = lineProtocol(size);
        assertArrayEquals(text, decode(decompressor, encode(compressor, text), 65_536), "" + size);
      }
    }
  }

  @Test
  void boundIsEnoughForBytesThatDoNotCompress() throws IOException {
    try (ZstdCompressor compressor = new ZstdCompressor(1, WINDOW_LOG)) {
      for (int size : new int[] {0, 1, 100, 127 << 10, 128 << 10, (128 << 10) + 1, 4 << 20}) {
        ByteBuffer dst = ByteBuffer.allocateDirect(ZstdCompressor.bound(size));
        ByteBuffer src = direct(noise(size));
        int frameBytes = compressor.compressFrame(src, dst);
        assertEquals(frameBytes, dst.position());
        assertFalse(src.hasRemaining());
      }
    }
  }

  @Test
  void compressesFromAndToTheBuffersPositions() throws IOException {
    byte[] text = lineProtocol(10_000);
    ByteBuffer src = ByteBuffer.allocateDirect(20_000).position(7);
    src.put(text).limit(src.position()).position(7);
    ByteBuffer dst = ByteBuffer.allocateDirect(20_000).position(11);
    try (ZstdCompressor compressor = new ZstdCompressor(3, WINDOW_LOG);
        ZstdDecompressor decompressor = new ZstdDecompressor(WINDOW_LOG)) {
      int frameBytes = compressor.compressFrame(src.asReadOnlyBuffer(), dst);
      assertEquals(11 + frameBytes, dst.position());
      byte[] frame = bytes(dst.flip().position(11));
      assertArrayEquals(text, decode(decompressor, frame, 4_096));
    }
  }

  @Test
  void leavesBuffersAloneWhenTheDestinationIsTooSmall() throws IOException {
    try (ZstdCompressor compressor = new ZstdCompressor(3, WINDOW_LOG)) {
      ByteBuffer src = direct(noise(1_000));
      ByteBuffer dst = ByteBuffer.allocateDirect(100);
      ZstdException e = assertThrows(ZstdException.class, () -> compressor.compressFrame(src, dst));
      assertEquals("Destination buffer is too small", e.errorName());
      assertEquals(1_000, src.remaining());
      assertEquals(0, dst.position());
      // and the compressor is still good
      assertTrue(compressor.compressFrame(src, ByteBuffer.allocateDirect(2_000)) > 1_000);
    }
  }

  @Test
  void stopsBehindEachFrameAndSaysSo() throws IOException {
    byte[] first;
    byte[] second;
    try (ZstdCompressor compressor = new ZstdCompressor(3, WINDOW_LOG)) {
      first = encode(compressor, lineProtocol(5_000));
      second = encode(compressor, lineProtocol(300_000));
    }
    ByteBuffer src = direct(concat(first, second));
    ByteBuffer dst = ByteBuffer.allocateDirect(400_000);
    try (ZstdDecompressor decompressor = new ZstdDecompressor(WINDOW_LOG)) {
      assertTrue(decompressor.decompress(src, dst));
      assertEquals(first.length, src.position());
      assertEquals(5_000, dst.position());
      while (!decompressor.decompress(src, dst)) {
        assertTrue(src.hasRemaining());
      }
      assertEquals(first.length + second.length, src.position());
      assertEquals(305_000, dst.position());
      assertFalse(decompressor.decompress(src, dst), "no frame ends where none began");
    }
  }

  @Test
  void findsTheFrameEndFedByteByByteIntoTinyRoom() throws IOException {
    byte[] text = lineProtocol(2_000);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream();
    try (ZstdCompressor compressor = new ZstdCompressor(3, WINDOW_LOG);
        ZstdDecompressor decompressor = new ZstdDecompressor(WINDOW_LOG)) {
      byte[] frame = encode(compressor, text);
      ByteBuffer src = direct(concat(frame, frame));
      ByteBuffer dst = ByteBuffer.allocateDirect(13);
      boolean ended = false;
      while (!ended) {
        if (src.limit() == src.position() || src.position() == 0) {
          src.limit(Math.min(src.position() + 1, src.capacity()));
        }
        ended = decompressor.decompress(src, dst);
        decoded.writeBytes(bytes(dst.flip()));
        dst.clear();
      }
      assertEquals(frame.length, src.position());
    }
    assertArrayEquals(text, decoded.toByteArray());
  }

  @Test
  void aFlippedBitIsAnErrorOrLeavesTheTextAlone() throws IOException {
    byte[] text = lineProtocol(4_000);
    byte[] frame;
    try (ZstdCompressor compressor = new ZstdCompressor(3, WINDOW_LOG)) {
      frame = encode(compressor, text);
    }
    int survived = 0;
    try (ZstdDecompressor decompressor = new ZstdDecompressor(WINDOW_LOG)) {
      for (int bit = 0; bit < frame.length * 8; bit++) {
        byte[] damaged = frame.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        survived += endsWell(decompressor, damaged, 65_536, text, bit) ? 1 : 0;
        survived += endsWell(decompressor, damaged, 512, text, bit) ? 1 : 0;
      }
    }
    // Some bits carry no meaning: they may flip, and the text is the same (endsWell sees to that).
    assertTrue(survived < frame.length * 8 / 20, survived + " damaged frames were accepted");
  }

  @Test
  void neverEndsATruncatedFrame() throws IOException {
    try (ZstdCompressor compressor = new ZstdCompressor(3, WINDOW_LOG);
        ZstdDecompressor decompressor = new ZstdDecompressor(WINDOW_LOG)) {
      byte[] frame = encode(compressor, lineProtocol(3_000));
      for (int length = 0; length < frame.length; length++) {
        ByteBuffer src = direct(Arrays.copyOf(frame, length));
        ByteBuffer dst = ByteBuffer.allocateDirect(8_192);
        assertFalse(decompressor.decompress(src, dst), "cut at " + length);
        assertFalse(src.hasRemaining());
        decompressor.reset();
      }
    }
  }

  @Test
  void worksAgainAfterAnErrorAndReset() throws IOException {
    try (ZstdCompressor compressor = new ZstdCompressor(3, WINDOW_LOG);
        ZstdDecompressor decompressor = new ZstdDecompressor(WINDOW_LOG)) {
      ByteBuffer rubbish = direct("this is not zstd".getBytes(StandardCharsets.US_ASCII));
      ByteBuffer dst = ByteBuffer.allocateDirect(8_192);
      ZstdException e =
          assertThrows(ZstdException.class, () -> decompressor.decompress(rubbish, dst));
      assertEquals("Unknown frame descriptor", e.errorName());
      assertEquals("zstd decompression: Unknown frame descriptor", e.getMessage());
      assertTrue(e.dataIsBad());
      decompressor.reset();
      byte[] text = lineProtocol(3_000);
      assertArrayEquals(text, decode(decompressor, encode(compressor, text), 8_192));
    }
  }

  @Test
  void refusesAFrameThatWantsALargerWindow() throws Exception {
    byte[] text = lineProtocol(600_000);
    byte[] frame =
        zstd(text, "--long=22", "-c"); // from a pipe: no content size, so the window counts
    try (ZstdDecompressor narrow = new ZstdDecompressor(WINDOW_LOG);
        ZstdDecompressor wide = new ZstdDecompressor(22)) {
      ZstdException e = assertThrows(ZstdException.class, () -> decode(narrow, frame, 4_096));
      assertEquals("Frame requires too much memory for decoding", e.errorName());
      assertTrue(e.dataIsBad());
      assertArrayEquals(text, decode(wide, frame, 4_096));
    }
  }

  @Test
  void decodesWhatTheZstdCommandMade() throws Exception {
    byte[] text = lineProtocol(1_000_000);
    try (ZstdDecompressor decompressor = new ZstdDecompressor(27)) {
      for (String level : List.of("-1", "-3", "-19")) {
        assertArrayEquals(text, decode(decompressor, zstd(text, level, "-c"), 65_536), level);
      }
    }
  }

  @Test
  void theZstdCommandDecodesAndChecksConcatenatedFrames() throws Exception {
    byte[] first = lineProtocol(70_000);
    byte[] second = noise(1_000_000);
    byte[] frames;
    try (ZstdCompressor compressor = new ZstdCompressor(3, WINDOW_LOG)) {
      frames =
          concat(
              encode(compressor, first),
              encode(compressor, new byte[0]),
              encode(compressor, second));
    }
    assertArrayEquals(concat(first, second), zstd(frames, "-d", "-c"));

    Path file = Files.write(directory.resolve("frames.zst"), frames);
    String listing =
        new String(run(new byte[0], "zstd", "-lv", file.toString()), StandardCharsets.UTF_8);
    assertTrue(listing.contains("Check: XXH64"), listing);
    assertTrue(listing.contains("1070000 B"), "content sizes are in the headers: " + listing);
  }

  @Test
  void refusesBuffersAndParametersThatCannotWork() throws IOException {
    assertThrows(IllegalArgumentException.class, () -> new ZstdCompressor(0, 17));
    assertThrows(IllegalArgumentException.class, () -> new ZstdCompressor(23, 17));
    assertThrows(IllegalArgumentException.class, () -> new ZstdCompressor(3, 28));
    assertThrows(IllegalArgumentException.class, () -> new ZstdDecompressor(9));
    assertThrows(IllegalArgumentException.class, () -> ZstdCompressor.bound(-1));
    ByteBuffer direct = ByteBuffer.allocateDirect(100);
    ByteBuffer heap = ByteBuffer.allocate(100);
    try (ZstdCompressor compressor = new ZstdCompressor(3, 0);
        ZstdDecompressor decompressor = new ZstdDecompressor(17)) {
      assertThrows(IllegalArgumentException.class, () -> compressor.compressFrame(heap, direct));
      assertThrows(IllegalArgumentException.class, () -> decompressor.decompress(direct, heap));
      assertThrows(
          IllegalArgumentException.class,
          () -> compressor.compressFrame(direct, direct.asReadOnlyBuffer()));
    }
  }

  @Test
  void closesTwiceAndRefusesUseAfterwards() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(100);
    ZstdCompressor compressor = new ZstdCompressor(3, 17);
    compressor.close();
    compressor.close();
    assertThrows(IllegalStateException.class, () -> compressor.compressFrame(buffer, buffer));
    ZstdDecompressor decompressor = new ZstdDecompressor(17);
    decompressor.close();
    decompressor.close();
    assertThrows(IllegalStateException.class, () -> decompressor.decompress(buffer, buffer));
    assertThrows(IllegalStateException.class, decompressor::reset);
  }

  /** Whether the frame decodes to its end; fails when that gives other bytes than {@code text}. */
  private static boolean endsWell(
      ZstdDecompressor decompressor, byte[] frame, int room, byte[] text, int bit)
      throws IOException {
    try {
      byte[] decoded = decode(decompressor, frame, room);
      assertArrayEquals(text, decoded, "bit " + bit + " flipped, no error");
      return true;
    } catch (ZstdException e) {
      assertTrue(e.dataIsBad(), "bit " + bit + ": " + e.errorName());
      return false;
    } catch (TruncatedException e) {
      return false;
    } finally {
      decompressor.reset();
    }
  }

  private static final class TruncatedException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private static byte[] encode(ZstdCompressor compressor, byte[] text) throws IOException {
    ByteBuffer dst = ByteBuffer.allocateDirect(ZstdCompressor.bound(text.length));
    compressor.compressFrame(direct(text), dst);
    return bytes(dst.flip());
  }

  /** Decodes all frames through {@code room} bytes at a time. */
  private static byte[] decode(ZstdDecompressor decompressor, byte[] frames, int room)
      throws IOException {
    ByteArrayOutputStream decoded = new ByteArrayOutputStream();
    ByteBuffer src = direct(frames);
    ByteBuffer dst = ByteBuffer.allocateDirect(room);
    boolean ended = false;
    while (src.hasRemaining() || !ended) {
      int before = src.position();
      ended = decompressor.decompress(src, dst);
      if (!ended && dst.position() == 0 && src.position() == before) {
        throw new TruncatedException();
      }
      decoded.writeBytes(bytes(dst.flip()));
      dst.clear();
    }
    return decoded.toByteArray();
  }

  private static byte[] zstd(byte[] input, String... arguments) throws Exception {
    String[] command = new String[arguments.length + 1];
    command[0] = "zstd";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    return run(input, command);
  }

  private static byte[] run(byte[] input, String... command) throws Exception {
    Path in = Files.createTempFile("zstd-test", ".in");
    try {
      Files.write(in, input);
      String[] piped = {"sh", "-c", "cat \"$0\" | \"$@\"", in.toString()};
      String[] all = Arrays.copyOf(piped, piped.length + command.length);
      System.arraycopy(command, 0, all, piped.length, command.length);
      Process process =
          new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      byte[] output = process.getInputStream().readAllBytes();
      assertEquals(0, process.waitFor(), String.join(" ", command));
      return output;
    } finally {
      Files.delete(in);
    }
  }

  private static byte[] lineProtocol(int bytes) {
    StringBuilder text = new StringBuilder(bytes + 100);
    Random random = new Random(1);
    for (long time = 1_763_625_600_000_000_000L; text.length() < bytes; time += 10_000_000_000L) {
      text.append("cpu,core=").append(random.nextInt(4)).append(" busy=");
      text.append(random.nextInt(10_000) / 100.0).append(' ').append(time).append('\n');
    }
    return text.substring(0, bytes).getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] noise(int bytes) {
    byte[] noise = new byte[bytes];
    new Random(2).nextBytes(noise);
    return noise;
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
