package io.pifleet.daemon.control;

/** One thing that a client can ask a daemon for; registered by name in the composition root. */
@FunctionalInterface
public interface ControlVerb {
  /**
   * Answers one request, on a thread of its own ({@code control-N}); returning ends the reply. May
   * take as long as it needs: the client hears meanwhile that the daemon is alive, and when it goes
   * away, the next {@link ControlReply#line} throws, or {@link ControlReply#isClientGone} tells.
   *
   * @throws ControlFailedException to tell the client why the daemon cannot do it
   * @throws Exception anything else is logged, and the client is told in short
   */
  void run(ControlRequest request, ControlReply reply) throws Exception;
}
