package io.pifleet.linux;

import java.io.IOException;

/** libzstd refused: bad data, a destination that is too small, or a lack of memory. */
public final class ZstdException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String errorName;
  private final int code;

  ZstdException(String doing, String errorName, int code) {
    super("zstd " + doing + ": " + errorName);
    this.errorName = errorName;
    this.code = code;
  }

  /** The library's text for the error, {@code ZSTD_getErrorName}: "Data corruption detected". */
  public String errorName() {
    return errorName;
  }

  /**
   * Whether the error says that the bytes are bad (not zstd, damaged, truncated inside, or wanting
   * a larger window than allowed), and not that memory ran out or that the caller was wrong. Only
   * then is it right to cut a file at this place.
   */
  public boolean dataIsBad() {
    return switch (code) {
      // zstd_errors.h, ZSTD_ErrorCode: stable values
      case 10, // prefix_unknown
          12, // version_unsupported
          14, // frameParameter_unsupported
          16, // frameParameter_windowTooLarge
          20, // corruption_detected
          22, // checksum_wrong
          24, // literals_headerWrong
          30, // dictionary_corrupted
          32, // dictionary_wrong
          44, // tableLog_tooLarge
          46, // maxSymbolValue_tooLarge
          48, // maxSymbolValue_tooSmall
          70, // dstSize_tooSmall: the header announced less than the blocks hold
          72 -> // srcSize_wrong
          true;
      default -> false;
    };
  }
}
