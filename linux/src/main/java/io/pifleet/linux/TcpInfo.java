package io.pifleet.linux;

import java.nio.ByteBuffer;

/**
 * {@code TCP_INFO} of one connection, {@code struct tcp_info} of {@code linux/tcp.h}, whose layout
 * is the same on every architecture and only ever grows at its end. A field that the running kernel
 * does not know, or has no value for, is -1.
 *
 * @param state as in {@code net/tcp_states.h}: {@link #ESTABLISHED}, {@link #CLOSE_WAIT}, ...
 * @param sendSegmentBytes maximum segment size for sending
 * @param unackedSegments segments in flight
 * @param lostSegments segments in flight that are taken for lost
 * @param pathMtu bytes
 * @param rttMicros smoothed round trip time
 * @param rttVarMicros its variation
 * @param congestionWindowSegments congestion window
 * @param totalRetransmits segments sent again since the connection began
 * @param pacingBytesPerSecond the rate that the kernel paces at now
 * @param bytesAcked payload bytes that the peer's kernel has acknowledged, since Linux 4.2. The
 *     kernel counts the SYN of the side that connected and the FIN as a byte each; from Linux 4.19
 *     that is taken off as far as it can be told apart: exact when nothing is in flight, at most
 *     one byte too high otherwise.
 * @param bytesReceived payload bytes received in order
 * @param notSentBytes bytes written and not sent even once, since Linux 4.6
 * @param minRttMicros smallest round trip time of the last minutes, since Linux 4.6
 * @param deliveryRateBytesPerSecond most recent rate at which bytes reached the peer, since Linux
 *     4.9
 * @param busyMicros time with something to send, since Linux 4.10, like the next two
 * @param receiveWindowLimitedMicros part of it that waited for the peer to read
 * @param sendBufferLimitedMicros part of it that SO_SNDBUF was too small for
 * @param bytesSent payload bytes sent, retransmissions counted again, since Linux 4.19
 * @param bytesRetransmitted the retransmissions among them, since Linux 4.19
 */
public record TcpInfo(
    int state,
    long sendSegmentBytes,
    long unackedSegments,
    long lostSegments,
    long pathMtu,
    long rttMicros,
    long rttVarMicros,
    long congestionWindowSegments,
    long totalRetransmits,
    long pacingBytesPerSecond,
    long bytesAcked,
    long bytesReceived,
    long notSentBytes,
    long minRttMicros,
    long deliveryRateBytesPerSecond,
    long busyMicros,
    long receiveWindowLimitedMicros,
    long sendBufferLimitedMicros,
    long bytesSent,
    long bytesRetransmitted) {

  public static final int ESTABLISHED = 1;
  public static final int CLOSE = 7;
  public static final int CLOSE_WAIT = 8;

  /** More than struct tcp_info of Linux 6.18 (248 bytes) takes. */
  static final int MAX_BYTES = 512;

  private static final long NO_MIN_RTT = 0xffffffffL; // ~0U, net/ipv4/tcp_input.c

  /** Whether the connection still can carry bytes in both directions. */
  public boolean established() {
    return state == ESTABLISHED;
  }

  /**
   * Reads what getsockopt(2) filled.
   *
   * @param info in native byte order; its limit is the length that the kernel filled
   */
  static TcpInfo parse(ByteBuffer info) {
    long minRtt = u32(info, 148);
    long bytesSent = u64(info, 200);
    long bytesRetransmitted = u64(info, 208);
    long acked = u64(info, 120);
    return new TcpInfo(
        info.get(0),
        u32(info, 16),
        u32(info, 24),
        u32(info, 32),
        u32(info, 60),
        u32(info, 68),
        u32(info, 72),
        u32(info, 80),
        u32(info, 100),
        u64(info, 104),
        bytesSent < 0 || bytesRetransmitted < 0
            ? acked
            : Math.min(acked, bytesSent - bytesRetransmitted),
        u64(info, 128),
        u32(info, 144),
        minRtt == NO_MIN_RTT ? -1 : minRtt,
        u64(info, 160),
        u64(info, 168),
        u64(info, 176),
        u64(info, 184),
        bytesSent,
        bytesRetransmitted);
  }

  private static long u32(ByteBuffer info, int at) {
    return at + Integer.BYTES <= info.limit() ? Integer.toUnsignedLong(info.getInt(at)) : -1;
  }

  // ~0 (a pacing rate without limit) reads as -1, "no value", which is what it means.
  private static long u64(ByteBuffer info, int at) {
    return at + Long.BYTES <= info.limit() ? info.getLong(at) : -1;
  }
}
