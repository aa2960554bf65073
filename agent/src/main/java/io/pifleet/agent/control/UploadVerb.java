package io.pifleet.agent.control;

import io.pifleet.agent.spool.Spool;
import io.pifleet.agent.upload.UploadStatus;
import io.pifleet.agent.upload.Uploader;
import io.pifleet.daemon.control.ControlFailedException;
import io.pifleet.daemon.control.ControlReply;
import io.pifleet.daemon.control.ControlRequest;
import io.pifleet.daemon.control.ControlVerb;
import io.pifleet.protocol.ArchiveName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * {@code upload}: delivers what is sealed without waiting for its turn, with {@code now} also what
 * can be sealed, and ends when the receipts are in. Lines: {@code waiting} (names), {@code
 * progress}, {@code state}, {@code receipt}.
 */
public final class UploadVerb implements ControlVerb {
  private static final long PROGRESS_MS = 250;

  /** Receipts that nobody has read; more archives than that do not wait at once on any device. */
  private static final int MOST_UNREAD = 10_000;

  private final Spool spool;
  private final Uploader uploader;
  private final Duration patience;

  /**
   * @param patience without any progress, before the caller is told that it does not work now
   */
  public UploadVerb(Spool spool, Uploader uploader, Duration patience) {
    this.spool = spool;
    this.uploader = uploader;
    this.patience = patience;
  }

  @Override
  public void run(ControlRequest request, ControlReply reply) throws Exception {
    if (request.flag("now")) {
      SealVerb.seal(spool);
    }
    BlockingQueue<UploadStatus.LastReceipt> receipts = new LinkedBlockingQueue<>(MOST_UNREAD);
    List<ArchiveName> waiting = new ArrayList<>(spool.archives().names());
    reply.line(
        out -> {
          out.array("waiting");
          for (ArchiveName name : waiting) {
            out.item(name.toString());
          }
          out.end();
        });
    Uploader.Hurry hurry = uploader.hurry(receipts::offer);
    try {
      deliver(waiting, receipts, reply);
    } finally {
      hurry.end();
    }
  }

  private void deliver(
      List<ArchiveName> waiting,
      BlockingQueue<UploadStatus.LastReceipt> receipts,
      ControlReply reply)
      throws IOException, InterruptedException {
    long lastAdvance = System.nanoTime();
    long lastHeld = -1;
    String lastState = "";
    while (!reply.isClientGone()) {
      UploadStatus.LastReceipt receipt = receipts.poll(PROGRESS_MS, TimeUnit.MILLISECONDS);
      while (receipt != null) {
        send(receipt, reply);
        lastAdvance = System.nanoTime();
        receipt = receipts.poll();
      }
      removeDelivered(waiting);
      if (waiting.isEmpty()) {
        return;
      }
      UploadStatus status = uploader.status();
      if (status.transfer().isPresent()) {
        UploadStatus.Transfer transfer = status.transfer().get();
        send(transfer, reply);
        if (transfer.heldBytes() != lastHeld) {
          lastHeld = transfer.heldBytes();
          lastAdvance = System.nanoTime();
        }
      }
      String state = status.lastError().orElse(status.doing());
      if (!state.equals(lastState)) {
        lastState = state;
        reply.line(out -> out.text("state", state));
      }
      if (System.nanoTime() - lastAdvance > patience.toNanos()) {
        throw new ControlFailedException(
            waiting.size()
                + " archives are not delivered ("
                + state
                + "); they stay here and are tried again");
      }
    }
  }

  private void removeDelivered(List<ArchiveName> waiting) throws IOException {
    for (int i = waiting.size() - 1; i >= 0; i--) {
      if (uploader.isDelivered(waiting.get(i))) {
        waiting.remove(i);
      }
    }
  }

  private static void send(UploadStatus.LastReceipt receipt, ControlReply reply)
      throws IOException {
    reply.line(
        out ->
            out.object("receipt")
                .text("archive", receipt.archive().toString())
                .text("collector", receipt.collector())
                .text("stored-as", receipt.storedAs())
                .number("bytes", receipt.bytes())
                .time("received", receipt.received())
                .end());
  }

  private static void send(UploadStatus.Transfer transfer, ControlReply reply) throws IOException {
    reply.line(
        out -> {
          out.object("progress");
          StatusVerb.members(out, transfer);
          out.end();
        });
  }
}
