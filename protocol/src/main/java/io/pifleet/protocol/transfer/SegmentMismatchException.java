package io.pifleet.protocol.transfer;

import java.io.IOException;

/** A segment came with a wrong hash too often. */
final class SegmentMismatchException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int segment;

  SegmentMismatchException(int segment, int times) {
    super("segment " + segment + " did not match its hash " + times + " times");
    this.segment = segment;
  }

  int segment() {
    return segment;
  }
}
