package io.pifleet.protocol.archive;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** A SHA-256 (FIPS 180-4): the name of a segment, the digest of a manifest. Immutable. */
public final class Sha256 implements Comparable<Sha256> {
  public static final int BYTES = 32;

  private final byte[] value;

  private Sha256(byte[] value) {
    this.value = value;
  }

  /** Takes the next 32 bytes of {@code source}. */
  public static Sha256 read(ByteBuffer source) {
    byte[] value = new byte[BYTES];
    source.get(value);
    return new Sha256(value);
  }

  /** What {@code text} spells: 64 lower-case hex digits, or empty. */
  public static Optional<Sha256> parse(String text) {
    if (text.length() != 2 * BYTES) {
      return Optional.empty();
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return Optional.empty();
      }
    }
    return Optional.of(new Sha256(HexFormat.of().parseHex(text)));
  }

  public static Sha256 of(byte[] bytes) {
    return new Sha256(hasher().digest(bytes));
  }

  /** The hash of everything that {@code hasher} was given; resets it. */
  public static Sha256 of(MessageDigest hasher) {
    return new Sha256(hasher.digest());
  }

  /** A new, empty SHA-256 computation. */
  public static MessageDigest hasher() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  public void write(ByteBuffer target) {
    target.put(value);
  }

  /** The first {@code digits} hex digits, for people. */
  public String abbreviated(int digits) {
    return toString().substring(0, digits);
  }

  @Override
  public int compareTo(Sha256 other) {
    return Arrays.compareUnsigned(value, other.value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Sha256 that && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(value);
  }
}
