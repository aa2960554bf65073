package io.pifleet.protocol.transfer;

import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.wire.Message;
import io.pifleet.protocol.wire.MessageReader;
import io.pifleet.protocol.wire.Need;
import io.pifleet.protocol.wire.Offer;
import io.pifleet.protocol.wire.Preamble;
import io.pifleet.protocol.wire.ProtocolError;
import io.pifleet.protocol.wire.ProtocolException;
import io.pifleet.protocol.wire.Receipt;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * The device's side of the conversation: offers archives, one after the other, over one connection.
 *
 * <pre>
 *   state      sees            does                      next
 *   CONNECTED                  preamble, OFFER           OFFERED
 *   OFFERED    NEED            DATA, ranges              OFFERED
 *              WAIT            reply limit starts anew   OFFERED
 *              HAVE, RECEIPT                             SETTLED
 *              BUSY, REFUSED                             ENDED
 *              anything else                             ENDED
 *   SETTLED                    OFFER                     OFFERED
 * </pre>
 *
 * <p>One thread offers and closes. {@link #stop} and {@link #acknowledgedBytes} are for any thread;
 * whoever stops waits for the offering thread before anybody closes (see {@link Connection}).
 */
public final class ArchiveSender implements Closeable {
  private static final int READ_AHEAD_BYTES = 4096;

  /** For a BUSY or REFUSED that was on its way while the collector stopped taking bytes. */
  private static final Duration LAST_WORD = Duration.ofSeconds(5);

  private enum State {
    CONNECTED,
    OFFERED,
    SETTLED,
    ENDED
  }

  private final Connection connection;
  private final SenderLimits limits;
  private final String agentVersion;
  private final UUID attempt;
  private final Deadline deadline;
  private final PeerInput input;
  private final PeerOutput output;
  private final MessageReader reader;
  private State state = State.CONNECTED;
  private boolean writing;
  private volatile boolean stopped;
  private volatile boolean stored;
  private volatile RangeSender ranges;
  private volatile long acknowledgedBefore = -1;

  /**
   * Takes the connection over: it is closed by {@link #close}.
   *
   * @param agentVersion at most 64 bytes
   * @param attempt random, new for every connection
   */
  public ArchiveSender(
      Connection connection,
      Deadlines deadlines,
      SenderLimits limits,
      String agentVersion,
      UUID attempt) {
    this.connection = connection;
    this.limits = limits;
    this.agentVersion = agentVersion;
    this.attempt = attempt;
    deadline = new Deadline(deadlines, connection);
    deadlines.watch(deadline);
    input = new PeerInput(connection, deadline, connection::acknowledgedBytes);
    output = new PeerOutput(connection, deadline, limits.progress());
    reader = new MessageReader(input, ByteBuffer.allocate(READ_AHEAD_BYTES));
  }

  /**
   * Offers an archive and serves what the collector asks for, until it has it or says why not.
   * After {@link Outcome.Stored} the next one may be offered; after anything else this sender is to
   * be closed.
   *
   * @throws SegmentUnavailableException when the archive itself cannot be served
   * @throws StalledException when the collector let a time limit pass
   * @throws ProtocolException when it broke the protocol
   * @throws IOException when the connection ended
   */
  public Outcome offer(ArchiveSource source, SendProgress progress) throws IOException {
    if (state != State.CONNECTED && state != State.SETTLED) {
      throw new IllegalStateException("no offer is possible any more: " + state);
    }
    boolean first = state == State.CONNECTED;
    state = State.ENDED; // until the collector has said otherwise
    boolean blind = connection.acknowledgedBytes() < 0;
    try (RangeSender serving = new RangeSender(source, output, progress, blind)) {
      acknowledgedBefore = -1;
      stored = false;
      ranges = serving;
      Outcome outcome = converse(source, serving, progress, first);
      if (outcome instanceof Outcome.Stored) {
        state = State.SETTLED;
        stored = true;
      }
      return outcome;
    } catch (IOException e) {
      throw stopped ? new IOException("the transfer was stopped", e) : e;
    }
  }

  private Outcome converse(
      ArchiveSource source, RangeSender serving, SendProgress progress, boolean first)
      throws IOException {
    Manifest manifest = source.manifest();
    boolean preambleDue = first;
    try {
      announce(source, manifest);
      while (true) {
        Message message = next(limits.reply(), preambleDue);
        preambleDue = false;
        if (message instanceof Need need) {
          if (acknowledgedBefore < 0) {
            acknowledgedBefore =
                connection.acknowledgedBytes(); // the OFFER was answered: all of it
          }
          writing = true;
          serving.serve(need);
          writing = false;
        } else if (message instanceof Message.Wait wait) {
          progress.waiting(wait.doing(), wait.done(), wait.total());
        } else {
          return verdict(message, manifest);
        }
      }
    } catch (ProtocolException | SegmentUnavailableException | StalledException e) {
      throw e;
    } catch (IOException e) {
      if (!writing || stopped) {
        throw e;
      }
      return lastWord(manifest, preambleDue, e);
    }
  }

  private void announce(ArchiveSource source, Manifest manifest) throws IOException {
    ByteBuffer bytes = source.manifestBytes();
    if (bytes.remaining() != manifest.lengthBytes()) {
      throw new IllegalArgumentException(
          "the manifest has " + bytes.remaining() + " bytes; wanted: " + manifest.lengthBytes());
    }
    writing = true;
    output.say(
        new Offer(manifest.device(), manifest.name(), attempt, agentVersion, bytes.remaining()),
        bytes);
    writing = false;
  }

  /** What an unwilling collector had said before the way to it broke; throws if it said nothing. */
  private Outcome lastWord(Manifest manifest, boolean preambleDue, IOException broken)
      throws IOException {
    boolean due = preambleDue;
    try {
      while (true) {
        Message message = next(LAST_WORD, due);
        due = false;
        if (!(message instanceof Need || message instanceof Message.Wait)) {
          return verdict(message, manifest);
        }
      }
    } catch (IOException e) {
      broken.addSuppressed(e);
      throw broken;
    }
  }

  private Message next(Duration limit, boolean preambleDue) throws IOException {
    input.limit(limit);
    boolean spoken = true;
    if (preambleDue) {
      spoken = reader.preamble().isSpoken();
    }
    Optional<Message> message = reader.next();
    if (message.isEmpty()) {
      throw new EOFException("the collector " + connection.remote() + " ended the connection");
    }
    if (!spoken && !(message.get() instanceof Message.Refused)) {
      throw new ProtocolException(
          ProtocolError.VERSION,
          "the collector speaks another major version; wanted: " + Preamble.CURRENT.major());
    }
    return message.get();
  }

  private static Outcome verdict(Message message, Manifest manifest) throws ProtocolException {
    if (message instanceof Message.ReceiptMessage receipt) {
      return stored(receipt.receipt(), manifest, false);
    }
    if (message instanceof Message.Have have) {
      return stored(have.receipt(), manifest, true);
    }
    if (message instanceof Message.Busy busy) {
      return new Outcome.Busy(busy.retryAfter(), busy.reason());
    }
    if (message instanceof Message.Refused refused) {
      return new Outcome.Refused(
          refused.code(),
          refused.codeName(),
          refused.retryable(),
          refused.text(),
          refused.segment());
    }
    throw new ProtocolException(
        ProtocolError.MESSAGE, message.type() + " from a collector; that is for devices to send");
  }

  private static Outcome stored(ByteBuffer message, Manifest manifest, boolean already)
      throws ProtocolException {
    byte[] bytes = new byte[message.remaining()];
    message.duplicate().get(bytes);
    Receipt receipt = Receipt.parse(bytes);
    if (!receipt.device().equals(manifest.device())
        || !receipt.digest().equals(manifest.digest())) {
      throw new ProtocolException(
          ProtocolError.FIELD,
          String.format(
              "the receipt is for %s of %s; wanted: %s of %s",
              receipt.digest(), receipt.device(), manifest.digest(), manifest.device()));
    }
    return new Outcome.Stored(receipt, bytes, already);
  }

  /**
   * Bytes of the current or last offer's segments that are known to have reached the collector's
   * kernel, those that it held before included; never more than the archive has. Where the kernel
   * cannot tell, those handed over. Any thread.
   */
  public long acknowledgedBytes() {
    RangeSender serving = ranges;
    long before = acknowledgedBefore;
    if (serving == null) {
      return 0;
    }
    if (stored) {
      return serving.totalBytes();
    }
    long acknowledged = connection.acknowledgedBytes();
    long arrived =
        acknowledged < 0 || before < 0
            ? serving.sentBytes()
            : acknowledged - before - (long) serving.grants() * RangeSender.DATA_MESSAGE_BYTES;
    return Math.min(serving.totalBytes(), serving.heldBytes() + Math.max(0, arrived));
  }

  /** Ends an offer that is under way: it throws soon. Any thread; idempotent. */
  public void stop() {
    stopped = true;
    connection.stop();
  }

  /** Closes the connection. For the offering thread, or once it has left {@link #offer}. */
  @Override
  public void close() {
    state = State.ENDED;
    deadline.close();
    connection.close();
  }
}
