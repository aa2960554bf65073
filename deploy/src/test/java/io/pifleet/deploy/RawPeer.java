package io.pifleet.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.OptionalInt;

/** A peer that writes what it likes: bytes by hand, as protocol/README.md section 3 draws them. */
final class RawPeer implements AutoCloseable {
  static final int OFFER = 1;
  static final int DATA = 6;
  private static final int BUSY = 4;
  private static final int REFUSED = 5;
  private static final int CODE_TAG = 1;

  /** Fields of the OFFER, with their bit for "required". */
  private static final int[] TAGS = {0x8001, 0x8002, 0x8003, 0x8004, 0x8005};

  private final Socket socket = new Socket();

  RawPeer(InetSocketAddress collector) throws IOException {
    socket.connect(collector, 10_000);
    socket.setSoTimeout(30_000);
  }

  RawPeer send(byte[]... parts) throws IOException {
    for (byte[] part : parts) {
      socket.getOutputStream().write(part);
    }
    return this;
  }

  /** No byte more will come. */
  RawPeer end() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Code of the REFUSED that is the answer, 0 for BUSY; empty when there is no such answer. */
  OptionalInt refusal() throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] head = in.readNBytes(16);
    if (head.length == 16 && head[8] == BUSY) {
      return OptionalInt.of(0);
    }
    if (head.length < 16 || head[8] != REFUSED) {
      return OptionalInt.empty();
    }
    ByteBuffer fields = ByteBuffer.wrap(in.readNBytes(ByteBuffer.wrap(head).getInt(12)));
    while (fields.remaining() >= 6) {
      int tag = fields.getShort() & 0x7FFF;
      int length = fields.getInt();
      if (tag == CODE_TAG) {
        return OptionalInt.of(fields.getShort());
      }
      fields.position(fields.position() + length);
    }
    return OptionalInt.empty();
  }

  static byte[] preamble() {
    return new byte[] {0x50, 0x49, 0x46, 0x4C, 0, 1, 0, 0};
  }

  static byte[] header(int type, int fields, int length) {
    return ByteBuffer.allocate(8)
        .put((byte) type)
        .put((byte) 0)
        .putShort((short) fields)
        .putInt(length)
        .array();
  }

  static byte[] field(int tag, byte[] value) {
    return ByteBuffer.allocate(6 + value.length)
        .putShort((short) tag)
        .putInt(value.length)
        .put(value)
        .array();
  }

  static byte[] message(int type, byte[]... fields) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] field : fields) {
      body.writeBytes(field);
    }
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(header(type, fields.length, body.size()));
    message.writeBytes(body.toByteArray());
    return message.toByteArray();
  }

  static byte[] u32(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  static byte[] offer(String device, String period, int part, byte[] manifest) {
    return message(
        OFFER,
        field(TAGS[0], device.getBytes(UTF_8)),
        field(TAGS[1], period.getBytes(UTF_8)),
        field(TAGS[2], u32(part)),
        field(TAGS[3], new byte[16]),
        field(TAGS[4], manifest));
  }

  /** A manifest of one member in one segment, each of which may be what it should not. */
  static byte[] manifest(String device, String member, String size, String sha256) {
    return String.format(
            Locale.ROOT,
            """
            {"format": "pifleet-archive/1", "device": "%s", "period": "2026-W40", "part": 1,
             "from": "2026-09-28T00:00:00Z", "to": "2026-10-05T00:00:00Z",
             "sealed": "2026-10-05T00:00:02Z", "agent": "0",
             "members": [{"name": "%s", "size": 10, "segment": 0}],
             "segments": [{"sha256": "%s", "size": %s}]}
            """,
            device,
            member,
            sha256,
            size)
        .getBytes(UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
