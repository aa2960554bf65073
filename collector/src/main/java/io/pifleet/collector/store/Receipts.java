package io.pifleet.collector.store;

import io.pifleet.protocol.wire.Receipt;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads receipts from the store. */
final class Receipts {
  private Receipts() {}

  static byte[] bytes(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(Receipt.MAX_BYTES + 1);
      if (bytes.length > Receipt.MAX_BYTES) {
        throw new IOException(
            file + " is longer than a receipt can be, " + Receipt.MAX_BYTES + " bytes");
      }
      return bytes;
    }
  }

  static Receipt read(Path file) throws IOException {
    return Receipt.parse(bytes(file));
  }

  /** What failed, with the file: the JDK's message for a missing file is its bare name. */
  static String reason(IOException e) {
    if (e instanceof NoSuchFileException || e instanceof FileNotFoundException) {
      return e.getMessage() + " is missing";
    }
    if (e instanceof FileSystemException failure) {
      return failure.getFile() + ": " + failure.getReason();
    }
    return String.valueOf(e.getMessage());
  }
}
