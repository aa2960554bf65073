package io.pifleet.protocol.transfer;

import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.wire.Message;
import io.pifleet.protocol.wire.MessageReader;
import io.pifleet.protocol.wire.Need;
import io.pifleet.protocol.wire.Offer;
import io.pifleet.protocol.wire.ProtocolError;
import io.pifleet.protocol.wire.ProtocolException;
import io.pifleet.protocol.wire.Ranges;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * One archive on its way in: asks for what is missing, takes what comes, until every segment is
 * verified. Owned by the connection's thread.
 */
final class Arrival {
  /** How often a segment may come with another hash than its own. */
  private static final int MAX_MISMATCHES = 3;

  /**
   * Whoever sends more slowly loses its slot, not its bytes; a device that drips a byte now and
   * then could keep a slot for ever.
   */
  private static final int MIN_BYTES_PER_SECOND = 1024;

  private final LiveTransfer transfer;
  private final MessageReader reader;
  private final PeerInput input;
  private final PeerOutput output;
  private final ReceiverLimits limits;
  private final ReceiverEvents events;
  private final BooleanSupplier shuttingDown;
  private final GrantPlanner planner;
  private final SegmentArrival segments;
  private final byte[] mismatches;
  private final ArrayDeque<Need> open = new ArrayDeque<>(2); // grants whose DATA has not begun
  private int lastGrant;

  Arrival(
      LiveTransfer transfer,
      PartialArchive partial,
      MessageReader reader,
      PeerInput input,
      PeerOutput output,
      ReceiverLimits limits,
      ReceiverEvents events,
      BooleanSupplier shuttingDown) {
    Manifest manifest = transfer.manifest();
    this.transfer = transfer;
    this.reader = reader;
    this.input = input;
    this.output = output;
    this.limits = limits;
    this.events = events;
    this.shuttingDown = shuttingDown;
    planner = new GrantPlanner(manifest.segments(), partial, limits.grantMaxBytes());
    segments = new SegmentArrival(manifest.segments(), partial);
    mismatches = new byte[manifest.segments().count()];
  }

  /**
   * @return empty when every segment is verified; the offer that came in place of a DATA otherwise
   * @throws RefusedException when a segment did not match its hash three times, or the store fails
   */
  Optional<Offer> run() throws IOException {
    ask();
    while (!open.isEmpty()) {
      input.limit(limits.replySilence(), limits.offerTotal(), "no whole message from");
      Message message =
          reader
              .next()
              .orElseThrow(
                  () -> new EOFException("the connection ended before the DATA of a NEED"));
      if (message instanceof Offer offer) {
        return Optional.of(offer);
      }
      if (!(message instanceof Message.Data data)) {
        throw new ProtocolException(
            ProtocolError.MESSAGE, message.type() + " in place of the DATA of a NEED");
      }
      Need grant = open.remove();
      check(data, grant);
      IOException unreachable =
          tryToAsk(); // the device has the next ranges before it has sent these
      Duration whole = limits.dataSilence().plusSeconds(data.bytes() / MIN_BYTES_PER_SECOND);
      input.limit(limits.dataSilence(), whole, "no whole grant from");
      for (int i = 0; i < grant.ranges().count(); i++) {
        take(grant.ranges(), i);
      }
      if (unreachable != null) {
        throw unreachable;
      }
      if (open.isEmpty()) {
        ask(); // for segments that came with a wrong hash
      }
    }
    return Optional.empty();
  }

  /**
   * Bytes that have arrived already are worth taking even when the way back is broken: the next
   * connection need not bring them.
   *
   * @return what went wrong, or null
   */
  private IOException tryToAsk() {
    try {
      ask();
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  private void ask() throws IOException {
    Optional<Ranges> ranges = planner.next();
    if (ranges.isPresent()) {
      Need need = new Need(++lastGrant, ranges.get(), transfer.heldBytes());
      open.add(need);
      output.say(need);
    }
  }

  private static void check(Message.Data data, Need grant) throws ProtocolException {
    if (data.grant() != grant.grant() || data.bytes() != grant.ranges().totalBytes()) {
      throw new ProtocolException(
          ProtocolError.MESSAGE,
          String.format(
              "DATA for grant %d with %d bytes; wanted: grant %d with %d bytes",
              data.grant(), data.bytes(), grant.grant(), grant.ranges().totalBytes()));
    }
  }

  private void take(Ranges ranges, int index) throws IOException {
    int segment = ranges.segment(index);
    int offset = ranges.offset(index);
    int end = offset + ranges.length(index);
    while (offset < end) {
      if (shuttingDown.getAsBoolean()) {
        throw new RefusedException(ProtocolError.SHUTDOWN, "the collector is going down");
      }
      ByteBuffer bytes = reader.data(end - offset);
      int length = bytes.remaining();
      boolean complete = store(segment, offset, bytes);
      transfer.arrived(length);
      if (complete) {
        judge(segment);
      }
      offset += length;
    }
  }

  private boolean store(int segment, int offset, ByteBuffer bytes) throws IOException {
    return StoreCall.guarded(() -> segments.take(segment, offset, bytes));
  }

  private void judge(int segment) throws IOException {
    int size = transfer.manifest().segments().sizeBytes(segment);
    if (StoreCall.guarded(segments::matches)) {
      transfer.verified(size);
      return;
    }
    transfer.discarded(size);
    int times = ++mismatches[segment];
    events.mismatched(transfer, segment, times);
    if (times == MAX_MISMATCHES) {
      throw new SegmentMismatchException(segment, times);
    }
    planner.again(segment);
  }
}
