package io.pifleet.protocol.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Optional;

/**
 * Takes a stream of bytes apart: preamble, messages, and the bytes between them.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   |     type      |       0       |       number of fields        |
 *   +---------------+---------------+-------------------------------+
 *   |                length of all fields in bytes                  |
 *   +-+-------------+---------------+-------------------------------+
 *   |R|          tag (15)           |          length (32)      …
 *   +-+-----------------------------+-------------------------------+
 *   …                               |   value (length bytes)      …
 * </pre>
 *
 * Every length is checked against the tables ({@link MessageType}) before anything is allocated for
 * it. One object serves one connection and one thread; it reads ahead into its buffer.
 */
public final class MessageReader {
  private final ByteSource source;
  private ByteBuffer buffer; // what was read ahead lies between position and limit
  private int manifestDue;

  /**
   * @param buffer to read ahead into; at least 64 bytes; belongs to the reader from now on
   */
  public MessageReader(ByteSource source, ByteBuffer buffer) {
    this.source = source;
    this.buffer = buffer.clear().limit(0);
  }

  /**
   * Reads ahead into {@code larger} from now on. What was read ahead already is copied there, so it
   * must have room for the buffer before.
   */
  public void useBuffer(ByteBuffer larger) {
    buffer = larger.clear().put(buffer).flip();
  }

  /**
   * @throws ProtocolException when something else is there; the version is not judged
   */
  public Preamble preamble() throws IOException {
    require(Preamble.BYTES, "a preamble");
    return Preamble.read(buffer);
  }

  /**
   * The next message; of an {@link Offer} all but the manifest, which has to be read before
   * anything else.
   *
   * @return empty when the stream ended where a message would begin
   * @throws ProtocolException when the message breaks a rule
   * @throws EOFException when the stream ended inside the message
   */
  public Optional<Message> next() throws IOException {
    if (manifestDue != 0) {
      throw new IllegalStateException("the manifest of the OFFER has not been read");
    }
    if (!buffer.hasRemaining() && fill() < 0) {
      return Optional.empty();
    }
    require(MessageType.HEADER_BYTES, "a message");
    int code = Byte.toUnsignedInt(buffer.get());
    int zero = buffer.get();
    int fields = Short.toUnsignedInt(buffer.getShort());
    long length = Integer.toUnsignedLong(buffer.getInt());
    MessageType type =
        MessageType.of(code)
            .orElseThrow(
                () ->
                    new ProtocolException(
                        ProtocolError.MESSAGE, "message type " + code + "; wanted: 1 to 8"));
    if (zero != 0) {
      throw new ProtocolException(
          ProtocolError.MESSAGE, type + " has " + zero + " behind its type; wanted: 0");
    }
    if (fields > MessageType.MAX_FIELDS) {
      throw new ProtocolException(
          ProtocolError.FIELD,
          type + " has " + fields + " fields; wanted: at most " + MessageType.MAX_FIELDS);
    }
    if (length > type.maxFieldsBytes()) {
      throw new ProtocolException(
          ProtocolError.FIELD,
          type + " has " + length + " bytes; wanted: at most " + type.maxFieldsBytes());
    }
    return Optional.of(new MessageDecoder(type, readFields(type, fields, (int) length)).decode());
  }

  /** The manifest of the {@link Offer} that {@link #next} has just returned. */
  public byte[] manifest() throws IOException {
    byte[] manifest = new byte[manifestDue];
    manifestDue = 0;
    readInto(ByteBuffer.wrap(manifest), "the manifest of an OFFER");
    return manifest;
  }

  /**
   * Bytes that stand between messages.
   *
   * @param most at most so many, 1 or more
   * @return at least one byte, in the reader's buffer: valid until the next call
   * @throws EOFException at the end of the stream
   */
  public ByteBuffer data(long most) throws IOException {
    if (!buffer.hasRemaining() && fill() < 0) {
      throw new EOFException("the connection ended inside the ranges of a grant");
    }
    int length = (int) Math.min(most, buffer.remaining());
    ByteBuffer view = buffer.slice(buffer.position(), length);
    buffer.position(buffer.position() + length);
    return view;
  }

  /**
   * @return values by index of their field; null where it is absent
   */
  private byte[][] readFields(MessageType type, int fields, int length) throws IOException {
    byte[][] values = new byte[type.fieldCount()][];
    BitSet seen = new BitSet();
    int left = length;
    for (int i = 0; i < fields; i++) {
      if (left < Field.HEADER_BYTES) {
        throw lengthsDisagree(type);
      }
      require(Field.HEADER_BYTES, type.name());
      int first = Short.toUnsignedInt(buffer.getShort());
      int tag = first & Field.MAX_TAG;
      long valueBytes = Integer.toUnsignedLong(buffer.getInt());
      left -= Field.HEADER_BYTES;
      if (seen.get(tag)) {
        throw new ProtocolException(ProtocolError.FIELD, "field " + tag + " of " + type + " twice");
      }
      seen.set(tag);
      if (valueBytes > left) {
        throw lengthsDisagree(type);
      }
      left -= (int) valueBytes;
      if (tag < 1 || tag > type.fieldCount()) {
        if ((first & Field.REQUIRED_BIT) != 0) {
          throw new ProtocolException(
              ProtocolError.FIELD, "required field " + tag + " of " + type + " is not known");
        }
        skip((int) valueBytes, type.name());
        continue;
      }
      Field field = type.field(tag - 1);
      if (valueBytes < field.minBytes() || valueBytes > field.maxBytes()) {
        throw new ProtocolException(
            ProtocolError.FIELD,
            String.format(
                "%s of %s has %d bytes; wanted: %d to %d",
                field.name(), type, valueBytes, field.minBytes(), field.maxBytes()));
      }
      if (field.equals(Field.OFFER_MANIFEST)) {
        if (i != fields - 1) {
          throw new ProtocolException(ProtocolError.FIELD, "fields follow the manifest of OFFER");
        }
        values[tag - 1] = new byte[0]; // it is there; its bytes come later
        manifestDue = (int) valueBytes;
      } else {
        values[tag - 1] = new byte[(int) valueBytes];
        readInto(ByteBuffer.wrap(values[tag - 1]), type.name());
      }
    }
    if (left != 0) {
      throw lengthsDisagree(type);
    }
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null && type.field(i).required()) {
        throw new ProtocolException(
            ProtocolError.FIELD, type.field(i).name() + " of " + type + " is absent");
      }
    }
    if (type == MessageType.OFFER) {
      values[Field.OFFER_MANIFEST.tag() - 1] =
          ByteBuffer.allocate(4).putInt(manifestDue).array(); // its length stands for it
    }
    return values;
  }

  private static ProtocolException lengthsDisagree(MessageType type) {
    return new ProtocolException(
        ProtocolError.FIELD, "the lengths of the fields of " + type + " do not add up to its own");
  }

  /** Makes sure that {@code bytes} are in the buffer in one piece. */
  private void require(int bytes, String what) throws IOException {
    if (buffer.remaining() >= bytes) {
      return;
    }
    buffer.compact();
    while (buffer.position() < bytes) {
      if (source.read(buffer) < 0) {
        throw ended(what);
      }
    }
    buffer.flip();
  }

  private void readInto(ByteBuffer target, String what) throws IOException {
    while (target.hasRemaining()) {
      if (buffer.hasRemaining()) {
        int length = Math.min(target.remaining(), buffer.remaining());
        target.put(buffer.slice(buffer.position(), length));
        buffer.position(buffer.position() + length);
      } else if (fill() < 0) {
        throw ended(what);
      }
    }
  }

  private void skip(int bytes, String what) throws IOException {
    int left = bytes;
    while (left > 0) {
      if (!buffer.hasRemaining() && fill() < 0) {
        throw ended(what);
      }
      int length = Math.min(left, buffer.remaining());
      buffer.position(buffer.position() + length);
      left -= length;
    }
  }

  /** Fills the empty buffer with at least one byte; -1 at the end of the stream. */
  private int fill() throws IOException {
    buffer.clear();
    try {
      return source.read(buffer);
    } finally {
      buffer.flip();
    }
  }

  private static EOFException ended(String what) {
    return new EOFException("the connection ended inside " + what);
  }
}
