package io.pifleet.protocol.transfer;

import io.pifleet.protocol.wire.Message;
import io.pifleet.protocol.wire.MessageWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What goes to the peer, with a limit on its not taking it. Owned by the connection's thread, which
 * is therefore the only one that writes.
 */
final class PeerOutput {
  private static final String UNTAKEN = "nothing taken by";

  // Without TCP_INFO nobody sees a long range advance: allow for a link of 1 KiB/s.
  private static final long BLIND_NANOS_PER_BYTE = 1_000_000_000 / 1024;

  private final Connection connection;
  private final Deadline deadline;
  private final long limitNanos;
  private final LongSupplier progress;
  private final MessageWriter writer = new MessageWriter();

  PeerOutput(Connection connection, Deadline deadline, Duration limit) {
    this.connection = connection;
    this.deadline = deadline;
    this.limitNanos = limit.toNanos();
    this.progress = connection::acknowledgedBytes;
  }

  void say(Message message) throws IOException {
    write(writer.encode(message));
  }

  /** As {@link #say}, with the bytes of the last field in the same write. */
  void say(Message message, ByteBuffer tail) throws IOException {
    write(writer.encode(message), tail);
  }

  private void write(ByteBuffer... sources) throws IOException {
    deadline.arm(limitNanos, UNTAKEN, limitNanos, progress);
    try {
      connection.write(sources);
    } catch (IOException e) {
      throw deadline.explain(e);
    } finally {
      deadline.disarm();
    }
  }

  /**
   * @param blind whether the connection cannot tell what was acknowledged
   * @return fewer than {@code count} when the file is shorter or the connection has ended
   */
  long send(FileChannel file, long position, long count, boolean blind) throws IOException {
    long limit = blind ? limitNanos + count * BLIND_NANOS_PER_BYTE : limitNanos;
    deadline.arm(limit, UNTAKEN, limit, progress);
    try {
      long sent = connection.send(file, position, count);
      if (sent < count && deadline.hasExpired()) {
        throw new IOException("stopped");
      }
      return sent;
    } catch (IOException e) {
      throw deadline.explain(e);
    } finally {
      deadline.disarm();
    }
  }
}
