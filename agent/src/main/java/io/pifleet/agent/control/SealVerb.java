package io.pifleet.agent.control;

import io.pifleet.daemon.control.ControlFailedException;
import io.pifleet.daemon.control.ControlReply;
import io.pifleet.daemon.control.ControlRequest;
import io.pifleet.daemon.control.ControlVerb;
import io.pifleet.protocol.ArchiveName;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** {@code seal}: ends the open part, and names the archives that came of it, a line each. */
public final class SealVerb implements ControlVerb {
  /** A large file in hand is finished first; reading it off a slow card takes a while. */
  static final Duration LIMIT = Duration.ofMinutes(10);

  /** The spool, as far as these verbs need it: see {@link io.pifleet.agent.spool.Spool#seal}. */
  @FunctionalInterface
  public interface Sealer {
    List<ArchiveName> seal(Duration limit)
        throws IOException, InterruptedException, TimeoutException;
  }

  private final Sealer sealer;

  public SealVerb(Sealer sealer) {
    this.sealer = sealer;
  }

  @Override
  public void run(ControlRequest request, ControlReply reply) throws Exception {
    for (ArchiveName name : seal(sealer)) {
      reply.line(out -> out.text("sealed", name.toString()));
    }
  }

  static List<ArchiveName> seal(Sealer sealer) throws IOException, InterruptedException {
    try {
      return sealer.seal(LIMIT);
    } catch (TimeoutException e) {
      throw new ControlFailedException(
          "sealing takes longer than "
              + LIMIT.toMinutes()
              + " min because of a large file; it goes on without you");
    }
  }
}
