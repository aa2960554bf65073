package io.pifleet.protocol.transfer;

import java.io.IOException;

/** The device cannot serve a segment of its own archive: gone, unreadable or too short. */
public final class SegmentUnavailableException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int segment;

  SegmentUnavailableException(int segment, String message, Throwable cause) {
    super(message, cause);
    this.segment = segment;
  }

  /** Index of the segment in the manifest. */
  public int segment() {
    return segment;
  }
}
