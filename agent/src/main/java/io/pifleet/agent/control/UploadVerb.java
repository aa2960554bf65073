package io.pifleet.agent.control;

import io.pifleet.agent.upload.UploadStatus;
import io.pifleet.agent.upload.Uploader;
import io.pifleet.daemon.control.ControlReply;
import io.pifleet.daemon.control.ControlRequest;
import io.pifleet.daemon.control.ControlVerb;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * {@code upload}: delivers what is sealed without waiting for its turn, with {@code now} also what
 * can be sealed, and ends when the receipts are in. Lines: {@code waiting} (names), {@code
 * progress}, {@code state}, {@code receipt}.
 */
public final class UploadVerb implements ControlVerb {
  /** Receipts that nobody has read; more archives than that do not wait at once on any device. */
  private static final int MOST_UNREAD = 10_000;

  private final SealVerb.Sealer sealer;
  private final Uploader uploader;
  private final Duration patience;

  /**
   * @param patience without any progress, before the caller is told that it does not work now
   */
  public UploadVerb(SealVerb.Sealer sealer, Uploader uploader, Duration patience) {
    this.sealer = sealer;
    this.uploader = uploader;
    this.patience = patience;
  }

  @Override
  public void run(ControlRequest request, ControlReply reply) throws Exception {
    if (request.flag("now")) {
      SealVerb.seal(sealer);
    }
    BlockingQueue<UploadStatus.LastReceipt> receipts = new LinkedBlockingQueue<>(MOST_UNREAD);
    Uploader.Hurry hurry = uploader.hurry(receipts::offer);
    try {
      new UploadWait(uploader, receipts, reply).await(patience);
    } finally {
      hurry.end();
    }
  }
}
