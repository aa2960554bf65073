package io.pifleet.protocol.transfer;

import io.pifleet.protocol.archive.Manifest;
import io.pifleet.protocol.archive.Sha256;
import java.io.IOException;
import java.util.Optional;

/** What a receiver needs of a store. Thread-safe. */
public interface ReceivingStore {
  /**
   * The receipt of an archive that is stored already.
   *
   * @return the bytes that {@link PartialArchive#commit} returned then
   */
  Optional<byte[]> receipt(String device, Sha256 digest) throws IOException;

  /**
   * Makes a place for the archive, or goes on with what has arrived of it before. May take long
   * (what is found after a restart is hashed first): the receiver calls it on a thread of its own
   * and keeps the device waiting meanwhile.
   *
   * <p>No other receiver has this archive open: the older one of a takeover has closed it.
   *
   * @param manifest read and checked
   * @param manifestBytes what it was read from; not changed by anybody afterwards
   * @throws RefusedException to refuse with a code of its own; any other {@link IOException}
   *     becomes {@code storage}
   */
  PartialArchive open(Manifest manifest, byte[] manifestBytes) throws IOException;
}
