package io.pifleet.protocol.wire;

import java.util.Locale;
import java.util.Optional;

/** Why a collector refuses: the table of protocol/README.md, section 3.5. */
public enum ProtocolError {
  /** Major version not spoken. */
  VERSION(1, false),
  /** Not a message of this protocol, or not one that may come here. */
  MESSAGE(2, false),
  /** A required field is missing, unknown, doubled, too long or of the wrong form. */
  FIELD(3, false),
  /** The manifest breaks a rule, or contradicts the OFFER. */
  MANIFEST(4, false),
  /** The device may not deliver here. */
  DEVICE(5, false),
  /** A segment did not match its hash three times. */
  SEGMENT(6, true),
  /** The store has no room for this archive. */
  DISK_FULL(7, true),
  /** The store failed. */
  STORAGE(8, true),
  /** The collector is going down. */
  SHUTDOWN(9, true),
  /** This device has used up its share of the store. */
  QUOTA(10, true);

  private static final ProtocolError[] TABLE = values();

  private final int code;
  private final boolean retryable;

  ProtocolError(int code, boolean retryable) {
    this.code = code;
    this.retryable = retryable;
  }

  public int code() {
    return code;
  }

  /** Whether to try again with the usual back-off; otherwise once a day. */
  public boolean retryable() {
    return retryable;
  }

  /** As in the specification: {@code disk-full}. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The error with this code; empty for one of a later minor version. */
  public static Optional<ProtocolError> of(int code) {
    return code >= 1 && code <= TABLE.length ? Optional.of(TABLE[code - 1]) : Optional.empty();
  }
}
