package io.pifleet.protocol.transfer;

import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.ManifestException;
import io.pifleet.protocol.archive.ManifestReader;
import io.pifleet.protocol.archive.ManifestVisitor;
import io.pifleet.protocol.archive.Sha256;
import io.pifleet.protocol.wire.Message;
import io.pifleet.protocol.wire.MessageReader;
import io.pifleet.protocol.wire.Offer;
import io.pifleet.protocol.wire.Preamble;
import io.pifleet.protocol.wire.ProtocolError;
import io.pifleet.protocol.wire.ProtocolException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The collector's side of the conversation: one object for one connection.
 *
 * <pre>
 *   state       sees                   does                                    next
 *   ACCEPTED    preamble, OFFER        HAVE, or takes over and opens, NEED     SETTLED, GRANTED
 *   GRANTED     DATA                   hashes and stores its bytes, NEED       GRANTED, COMMITTING
 *               OFFER                  keeps the partial archive               as ACCEPTED
 *               the end of the stream  keeps the partial archive               ended
 *   COMMITTING                         WAIT every 5 s, commit, RECEIPT         SETTLED
 *   SETTLED     OFFER                                                          as ACCEPTED
 *               the end of the stream                                          ended
 *   any         anything else          REFUSED or BUSY                         ended
 * </pre>
 *
 * <p>{@link #run} is called once, on a thread of its own, which closes the connection. {@link
 * #stop} and {@link #shutDown} are for any thread.
 */
public final class ArchiveReceiver {
  /** For everything in front of a manifest; enough for a thousand connections without a slot. */
  private static final int SMALL_BUFFER_BYTES = 2048;

  /** What is read and dropped behind a refusal, so that it is not lost in a reset. */
  private static final long LINGER_BYTES = 2 << 20;

  private final Connection connection;
  private final ReceivingStore store;
  private final Admission admission;
  private final Takeovers takeovers;
  private final ReceiverLimits limits;
  private final ReceiverEvents events;
  private final Deadlines deadlines;
  private final Deadline deadline;
  private final PeerInput input;
  private final PeerOutput output;
  private final PatientCalls patiently;
  private final MessageReader reader;
  private volatile boolean shuttingDown;
  private Admission.Admitted admitted;
  private String device = "";
  private boolean spoken; // the peer has said that it speaks this protocol

  /**
   * Takes the connection over: it is closed by {@link #run}.
   *
   * @param takeovers one for the whole store
   */
  public ArchiveReceiver(
      Connection connection,
      ReceivingStore store,
      Admission admission,
      Takeovers takeovers,
      Deadlines deadlines,
      ReceiverLimits limits,
      ReceiverEvents events) {
    this.connection = connection;
    this.store = store;
    this.admission = admission;
    this.takeovers = takeovers;
    this.limits = limits;
    this.events = events;
    this.deadlines = deadlines;
    deadline = new Deadline(deadlines, connection);
    input = new PeerInput(connection, deadline, null);
    output = new PeerOutput(connection, deadline, limits.dataSilence());
    patiently = new PatientCalls(output, limits.waitInterval());
    reader = new MessageReader(input, ByteBuffer.allocate(SMALL_BUFFER_BYTES));
  }

  /**
   * Serves the connection until its end. Whatever the peer or the store do wrong is answered and
   * reported to {@link ReceiverEvents}, never thrown.
   */
  public void run() {
    try (connection;
        deadline) {
      deadlines.watch(deadline);
      try {
        converse();
      } catch (RuntimeException e) {
        events.broke(
            connection.remote(), device, new IOException("defect in the receiver: " + e, e));
      } finally {
        if (admitted != null) {
          admitted.close();
        }
      }
    }
  }

  /** Ends the conversation: {@link #run} returns soon, what has arrived is kept. Idempotent. */
  public void stop() {
    connection.stop();
  }

  /**
   * Ends the conversation with REFUSED {@code shutdown} as soon as something arrives. A connection
   * on which nothing does has to be {@linkplain #stop stopped}.
   */
  public void shutDown() {
    shuttingDown = true;
  }

  private void converse() {
    try {
      Optional<Offer> offer = firstOffer();
      while (offer.isPresent()) {
        offer = receive(offer.get());
        if (offer.isEmpty()) {
          offer = nextOffer();
        }
      }
    } catch (BusyException e) {
      events.busy(connection.remote(), device, e.retryAfter(), e.getMessage());
      sayLast(new Message.Busy(e.retryAfter(), e.getMessage()));
    } catch (SegmentMismatchException e) {
      events.refused(connection.remote(), device, e);
      sayLast(
          new Message.Refused(
              ProtocolError.SEGMENT.code(),
              ProtocolError.SEGMENT.retryable(),
              e.getMessage(),
              Optional.empty(),
              OptionalInt.of(e.segment())));
    } catch (RefusedException e) {
      refuse(e.error(), e);
    } catch (ManifestException e) {
      refuse(ProtocolError.MANIFEST, e);
    } catch (ProtocolException e) {
      refuse(e.error(), e);
    } catch (IOException e) {
      events.broke(connection.remote(), device, deadline.explain(e));
    }
  }

  private Optional<Offer> firstOffer() throws IOException {
    input.limit(limits.offerSilence(), limits.offerTotal(), "no whole OFFER from");
    Preamble preamble = reader.preamble();
    spoken = true;
    if (!preamble.isSpoken()) {
      throw new ProtocolException(
          ProtocolError.VERSION,
          "major version " + preamble.major() + "; wanted: " + Preamble.CURRENT.major());
    }
    return offer();
  }

  private Optional<Offer> nextOffer() throws IOException {
    input.limit(limits.replySilence(), limits.offerTotal(), "no whole OFFER from");
    return offer();
  }

  private Optional<Offer> offer() throws IOException {
    Optional<Message> message = reader.next();
    if (message.isEmpty()) {
      return Optional.empty();
    }
    if (message.get() instanceof Offer offer) {
      return Optional.of(offer);
    }
    throw new ProtocolException(
        ProtocolError.MESSAGE, message.get().type() + " where an OFFER has to come");
  }

  /**
   * @return the offer that came in the middle of this one, if one did
   */
  private Optional<Offer> receive(Offer offer) throws IOException {
    admit(offer);
    events.offered(connection.remote(), offer);
    byte[] manifestBytes = reader.manifest();
    Sha256 digest = Sha256.of(manifestBytes);
    if (sayHave(offer, digest)) {
      return Optional.empty();
    }
    Manifest manifest =
        ManifestReader.read(new ByteArrayInputStream(manifestBytes), ManifestVisitor.NONE);
    if (!manifest.device().equals(offer.device()) || !manifest.name().equals(offer.name())) {
      throw new ManifestException(
          String.format(
              "the manifest is of %s %s; wanted as offered: %s %s",
              manifest.device(), manifest.name(), offer.device(), offer.name()));
    }
    try (Takeovers.Claim claim =
        takeovers.claim(device, digest, this::stop, limits.takeoverPatience())) {
      if (claim.tookOver()) {
        events.tookOver(connection.remote(), offer);
        if (sayHave(offer, digest)) { // the older one had come to its end
          return Optional.empty();
        }
      }
      return arrive(manifest, manifestBytes);
    }
  }

  /** Before anything is allocated for the manifest. */
  private void admit(Offer offer) throws BusyException, RefusedException {
    if (shuttingDown) {
      throw new RefusedException(ProtocolError.SHUTDOWN, "the collector is going down");
    }
    if (admitted == null) {
      device = offer.device();
      admitted = admission.enter(connection.remote(), device);
      reader.useBuffer(admitted.buffer());
    } else if (!device.equals(offer.device())) {
      throw new RefusedException(
          ProtocolError.DEVICE, "one connection is for one device; this one is for " + device);
    }
  }

  private boolean sayHave(Offer offer, Sha256 digest) throws IOException {
    Optional<byte[]> receipt = patiently.run("checking", () -> store.receipt(device, digest));
    if (receipt.isEmpty()) {
      return false;
    }
    output.say(new Message.Have(ByteBuffer.wrap(receipt.get()), ByteBuffer.allocate(0)));
    events.had(connection.remote(), offer);
    return true;
  }

  private Optional<Offer> arrive(Manifest manifest, byte[] manifestBytes) throws IOException {
    LiveTransfer transfer = new LiveTransfer(manifest, connection.remote());
    PartialArchive partial = patiently.run("checking", () -> open(manifest, manifestBytes));
    boolean stored = false;
    events.started(transfer);
    try (partial) {
      for (int i = 0; i < manifest.segments().count(); i++) {
        boolean verified = partial.isVerified(i);
        int size = manifest.segments().sizeBytes(i);
        transfer.heldBefore(verified ? size : partial.heldBytes(i));
        transfer.verified(verified ? size : 0);
      }
      Optional<Offer> other =
          new Arrival(transfer, partial, reader, input, output, limits, events, () -> shuttingDown)
              .run();
      if (other.isPresent()) {
        return other;
      }
      byte[] receipt = patiently.run("storing", partial::commit);
      stored = true;
      output.say(new Message.ReceiptMessage(ByteBuffer.wrap(receipt), ByteBuffer.allocate(0)));
      return Optional.empty();
    } finally {
      events.ended(transfer, stored);
    }
  }

  private PartialArchive open(Manifest manifest, byte[] manifestBytes) throws IOException {
    PartialArchive partial = store.open(manifest, manifestBytes);
    try {
      new SegmentArrival(manifest.segments(), partial).judgeHeld();
      return partial;
    } catch (IOException | RuntimeException e) {
      try (partial) {
        throw e;
      }
    }
  }

  private void refuse(ProtocolError error, IOException cause) {
    events.refused(connection.remote(), device, cause);
    String text = cause.getMessage() == null ? "" : cause.getMessage();
    Optional<Message.Versions> versions =
        error == ProtocolError.VERSION
            ? Optional.of(new Message.Versions(Preamble.CURRENT.major(), Preamble.CURRENT.major()))
            : Optional.empty();
    sayLast(
        new Message.Refused(error.code(), error.retryable(), text, versions, OptionalInt.empty()));
  }

  /** Says the last word, and reads what still comes, so that it is not lost in a reset. */
  private void sayLast(Message message) {
    if (!spoken) {
      return; // whoever that is would not understand
    }
    try {
      output.say(message);
      connection.endOutput();
      input.limit(limits.linger(), limits.linger(), "no end from");
      for (long left = LINGER_BYTES; left > 0; ) {
        left -= reader.data(left).remaining();
      }
    } catch (IOException e) {
      // It has gone, or does not stop talking: it will hear the same the next time.
    }
  }
}
