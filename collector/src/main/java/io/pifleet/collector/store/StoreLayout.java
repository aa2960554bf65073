package io.pifleet.collector.store;

import io.pifleet.protocol.DeviceId;
import io.pifleet.protocol.archive.Sha256;
import java.nio.file.Path;

/**
 * Where things are in a store:
 *
 * <pre>
 *   STORE/.lock                               held by the collector that owns the store
 *   STORE/DEVICE/ARCHIVE.tar.zst              the archive
 *   STORE/DEVICE/ARCHIVE.manifest.json        its manifest, byte by byte as the device sent it
 *   STORE/DEVICE/ARCHIVE.receipt.json         the receipt that the device was given
 *   STORE/.incoming/DEVICE/DIGEST/data        segments at their final offsets
 *   STORE/.incoming/DEVICE/DIGEST/manifest.json
 *   STORE/.incoming/DEVICE/DIGEST/state       what of it has arrived: {@link PartialState}
 * </pre>
 *
 * <p>Names from outside never become paths: the methods take types that only hold checked values,
 * and check device ids themselves. A device id cannot start with a dot. Immutable.
 */
public final class StoreLayout {
  static final String ARCHIVE_SUFFIX = ".tar.zst";
  static final String MANIFEST_SUFFIX = ".manifest.json";
  static final String RECEIPT_SUFFIX = ".receipt.json";

  private final Path store;

  public StoreLayout(Path store) {
    this.store = store.toAbsolutePath().normalize();
  }

  public Path store() {
    return store;
  }

  Path lock() {
    return store.resolve(".lock");
  }

  Path incoming() {
    return store.resolve(".incoming");
  }

  Path incoming(String device) {
    return incoming().resolve(checked(device));
  }

  Path incoming(String device, Sha256 digest) {
    return incoming(device).resolve(digest.toString());
  }

  public Path device(String device) {
    return store.resolve(checked(device));
  }

  public Path archive(String device, StoredName name) {
    return device(device).resolve(name + ARCHIVE_SUFFIX);
  }

  public Path manifest(String device, StoredName name) {
    return device(device).resolve(name + MANIFEST_SUFFIX);
  }

  public Path receipt(String device, StoredName name) {
    return device(device).resolve(name + RECEIPT_SUFFIX);
  }

  private static String checked(String device) {
    if (!DeviceId.isValid(device)) {
      throw new IllegalArgumentException("not a device id (" + device.length() + " characters)");
    }
    return device;
  }
}
