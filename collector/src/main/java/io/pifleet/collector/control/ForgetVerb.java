package io.pifleet.collector.control;

import io.pifleet.collector.store.ArchiveStore;
import io.pifleet.daemon.control.ControlFailedException;
import io.pifleet.daemon.control.ControlReply;
import io.pifleet.daemon.control.ControlRequest;
import io.pifleet.daemon.control.ControlVerb;
import io.pifleet.protocol.DeviceId;
import java.io.IOException;

/** Answers {@code forget}: deletes what a device has, and says how much it was. */
public final class ForgetVerb implements ControlVerb {
  private final ArchiveStore store;

  public ForgetVerb(ArchiveStore store) {
    this.store = store;
  }

  @Override
  public void run(ControlRequest request, ControlReply reply) throws IOException {
    String device = request.arg("device", "");
    if (!DeviceId.isValid(device)) {
      throw new ControlFailedException("device wanted: " + DeviceId.WANTED, 2);
    }
    int archives;
    try {
      archives = store.forget(device);
    } catch (IOException e) {
      throw new ControlFailedException(e.getMessage());
    }
    reply.line(out -> out.number("archives", archives));
  }
}
