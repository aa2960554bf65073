package io.pifleet.protocol.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * Builds messages, header and fields in one buffer, so that each goes out in one write. The first
 * one of a connection has the {@link Preamble} in front.
 *
 * <p>One object serves one connection and one thread at a time. Its buffer is used again: a message
 * is valid until the next one is encoded.
 */
public final class MessageWriter {
  private ByteBuffer buffer = ByteBuffer.allocate(512);
  private boolean preambleDue = true;
  private int headerAt;
  private int fields;

  /**
   * @return the message, ready to be written. Of an {@link Offer} the manifest is missing: {@link
   *     Offer#manifestBytes()} bytes have to follow in the same write
   */
  public ByteBuffer encode(Message message) {
    begin(message.type());
    if (message instanceof Offer offer) {
      text(Field.OFFER_DEVICE, offer.device());
      text(Field.OFFER_PERIOD, offer.name().period());
      u32(Field.OFFER_PART, offer.name().part());
      header(Field.OFFER_ATTEMPT, 16);
      buffer.putLong(offer.attempt().getMostSignificantBits());
      buffer.putLong(offer.attempt().getLeastSignificantBits());
      text(Field.OFFER_AGENT, offer.agent());
      header(Field.OFFER_MANIFEST, offer.manifestBytes());
      return end(offer.manifestBytes());
    }
    if (message instanceof Need need) {
      u32(Field.NEED_GRANT, need.grant());
      bytes(Field.NEED_RANGES, need.ranges().bytes());
      u64(Field.NEED_HELD, need.heldBytes());
    } else if (message instanceof Message.Have have) {
      bytes(Field.RECEIPT_RECEIPT, have.receipt().duplicate());
      bytes(Field.RECEIPT_SIGNATURE, have.signature().duplicate());
    } else if (message instanceof Message.ReceiptMessage receipt) {
      bytes(Field.RECEIPT_RECEIPT, receipt.receipt().duplicate());
      bytes(Field.RECEIPT_SIGNATURE, receipt.signature().duplicate());
    } else if (message instanceof Message.Busy busy) {
      u32(Field.BUSY_RETRY_AFTER, (int) Math.min(busy.retryAfter().toSeconds(), 0x7fffffff));
      text(Field.BUSY_REASON, busy.reason());
    } else if (message instanceof Message.Refused refused) {
      refused(refused);
    } else if (message instanceof Message.Data data) {
      u32(Field.DATA_GRANT, data.grant());
      u64(Field.DATA_BYTES, data.bytes());
    } else if (message instanceof Message.Wait wait) {
      text(Field.WAIT_DOING, wait.doing());
      u64(Field.WAIT_DONE, wait.done());
      u64(Field.WAIT_TOTAL, wait.total());
    }
    return end(0);
  }

  private void refused(Message.Refused refused) {
    header(Field.REFUSED_CODE, 2);
    buffer.putShort((short) refused.code());
    header(Field.REFUSED_RETRYABLE, 1);
    buffer.put((byte) (refused.retryable() ? 1 : 0));
    text(Field.REFUSED_TEXT, refused.text());
    refused
        .versions()
        .ifPresent(
            versions -> {
              header(Field.REFUSED_VERSIONS, 4);
              buffer.putShort((short) versions.lowest()).putShort((short) versions.highest());
            });
    OptionalInt segment = refused.segment();
    if (segment.isPresent()) {
      u32(Field.REFUSED_SEGMENT, segment.getAsInt());
    }
  }

  private void begin(MessageType type) {
    buffer.clear();
    if (preambleDue) {
      Preamble.CURRENT.write(buffer);
      preambleDue = false;
    }
    headerAt = buffer.position();
    fields = 0;
    buffer.put((byte) type.code()).put((byte) 0).putShort((short) 0).putInt(0);
  }

  /**
   * @param bytesToFollow of the last field, which are not in the buffer
   */
  private ByteBuffer end(int bytesToFollow) {
    int length = buffer.position() - headerAt - MessageType.HEADER_BYTES + bytesToFollow;
    buffer.putShort(headerAt + 2, (short) fields).putInt(headerAt + 4, length);
    return buffer.flip();
  }

  private void header(Field field, int length) {
    if (length < field.minBytes() || length > field.maxBytes()) {
      throw new IllegalArgumentException(
          String.format(
              "%s has %d bytes; wanted: %d to %d",
              field.name(), length, field.minBytes(), field.maxBytes()));
    }
    int wanted = buffer.position() + Field.HEADER_BYTES + length;
    if (wanted > buffer.capacity() && !field.equals(Field.OFFER_MANIFEST)) {
      buffer = ByteBuffer.allocate(wanted + 512).put(buffer.flip()); // 512: what may follow
    }
    buffer.putShort((short) (field.required() ? field.tag() | Field.REQUIRED_BIT : field.tag()));
    buffer.putInt(length);
    fields++;
  }

  private void u32(Field field, int value) {
    header(field, 4);
    buffer.putInt(value);
  }

  /** Leaves the field out when the value is negative. */
  private void u64(Field field, long value) {
    if (value >= 0) {
      header(field, 8);
      buffer.putLong(value);
    }
  }

  /** Leaves an optional field out when it is empty. */
  private void bytes(Field field, ByteBuffer value) {
    if (field.required() || value.hasRemaining()) {
      header(field, value.remaining());
      buffer.put(value);
    }
  }

  /** Cuts text that is for people at the field's limit, at a whole character. */
  private void text(Field field, String value) {
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    int length = encoded.length;
    if (length > field.maxBytes() && !field.required()) {
      length = field.maxBytes();
      while ((encoded[length] & 0xC0) == 0x80) { // in the middle of a UTF-8 sequence
        length--;
      }
    }
    bytes(field, ByteBuffer.wrap(encoded, 0, length));
  }
}
