package io.pifleet.agent.control;

import io.pifleet.agent.upload.UploadStatus;
import io.pifleet.agent.upload.Uploader;
import io.pifleet.daemon.control.ControlFailedException;
import io.pifleet.daemon.control.ControlReply;
import io.pifleet.protocol.ArchiveName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One client waits for the receipts of what is sealed when it comes. Owned by the verb's thread.
 */
final class UploadWait {
  private static final long PROGRESS_MS = 250;

  /** An archive may go without a receipt: looked at every so many steps of {@link #PROGRESS_MS}. */
  private static final int STEPS_PER_LOOK = 8;

  private final Uploader uploader;
  private final BlockingQueue<UploadStatus.LastReceipt> receipts;
  private final ControlReply reply;
  private final List<ArchiveName> waiting;
  private final Set<ArchiveName> acknowledged = new HashSet<>();
  private final List<ArchiveName> givenUp = new ArrayList<>();
  private long movedNanos = System.nanoTime();
  private String state = "";

  /**
   * @param receipts is being filled already: an archive that goes from now on without a receipt in
   *     it was given up
   */
  UploadWait(
      Uploader uploader, BlockingQueue<UploadStatus.LastReceipt> receipts, ControlReply reply)
      throws IOException {
    this.uploader = uploader;
    this.receipts = receipts;
    this.reply = reply;
    waiting = new ArrayList<>(uploader.undelivered());
  }

  /**
   * Returns when the receipts are in, or the client is gone.
   *
   * @param patience without any progress
   * @throws ControlFailedException when they are not
   */
  void await(Duration patience) throws IOException, InterruptedException {
    reply.line(
        out -> {
          out.array("waiting");
          for (ArchiveName name : waiting) {
            out.item(name.toString());
          }
          out.end();
        });
    for (int step = 1; !waiting.isEmpty() && !reply.isClientGone(); step++) {
      boolean any = pass(receipts.poll(PROGRESS_MS, TimeUnit.MILLISECONDS));
      if (any || step % STEPS_PER_LOOK == 0) {
        look();
      }
      UploadStatus status = uploader.status();
      show(status);
      if (!waiting.isEmpty() && System.nanoTime() - movedNanos > patience.toNanos()) {
        throw new ControlFailedException(
            (waiting.size() == 1
                    ? waiting.get(0) + " is not delivered ("
                    : waiting.size() + " archives are not delivered (")
                + sentence(status)
                + "); it is tried again");
      }
    }
    if (!givenUp.isEmpty()) {
      throw new ControlFailedException(
          "no receipt, and no longer here, since the spool was full: " + givenUp);
    }
  }

  /** Hands on all receipts that are there; whether there was one. */
  private boolean pass(UploadStatus.LastReceipt first) throws IOException {
    for (UploadStatus.LastReceipt next = first; next != null; next = receipts.poll()) {
      UploadStatus.LastReceipt receipt = next;
      acknowledged.add(receipt.archive());
      movedNanos = System.nanoTime();
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
    return first != null;
  }

  /** Takes those that are through, or gone, off the list. */
  private void look() throws IOException {
    Set<ArchiveName> undelivered = new HashSet<>(uploader.undelivered());
    pass(receipts.poll()); // heard before the archive went
    for (ArchiveName name : waiting) {
      if (!undelivered.contains(name) && !acknowledged.contains(name)) {
        givenUp.add(name);
      }
    }
    waiting.retainAll(undelivered);
  }

  private void show(UploadStatus status) throws IOException {
    if (status.transfer().isPresent()) {
      UploadStatus.Transfer transfer = status.transfer().get();
      if (transfer.movedNanos() - movedNanos > 0) {
        movedNanos = transfer.movedNanos();
      }
      reply.line(
          out -> {
            out.object("progress");
            StatusVerb.members(out, transfer);
            out.end();
          });
    }
    String now = sentence(status);
    if (!now.equals(state)) {
      state = now;
      reply.line(out -> out.text("state", now));
    }
  }

  private static String sentence(UploadStatus status) {
    return status.transfer().isPresent()
        ? status.doing()
        : status.lastError().orElse(status.doing());
  }
}
