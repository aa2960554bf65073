package io.pifleet.agent.spool;

import io.pifleet.agent.plugin.FileChange;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What is remembered of a change that was taken: 96 bits over plugin, inode, size and mtime, and 24
 * bits that tell the plugin. The path is not in it: a log that is rotated to another name is the
 * same change.
 *
 * <pre>
 *   high  64 bits of the hash
 *   low   32 bits of the hash | 24 bits of the plugin's hash | 8 bits 0
 * </pre>
 *
 * <p>Two of a million changes are the same by accident with a probability below 1e-16.
 */
record Fingerprint(long high, long low) {
  private static final long HASH_BITS = 0xFFFFFFFF_00000000L;

  static Fingerprint of(FileChange change) {
    long plugin = hash(change.plugin());
    long high = plugin;
    high = mix(high ^ change.inode());
    high = mix(high ^ change.sizeBytes());
    high = mix(high ^ change.mtimeNanos());
    long second = mix(plugin ^ 0x9E3779B97F4A7C15L); // another start, an independent hash
    second = mix(second + change.mtimeNanos());
    second = mix(second + change.sizeBytes());
    second = mix(second + change.inode());
    return new Fingerprint(high, (second & HASH_BITS) | pluginBits(change.plugin()));
  }

  /** The bits of {@link #low} that all changes of a plugin share. */
  static long pluginBits(String plugin) {
    return hash(plugin) & 0xFFFFFF00L;
  }

  static long pluginBitsOf(long low) {
    return low & 0xFFFFFF00L;
  }

  /** 64 bits over a text. */
  static long hash(String text) {
    long hash = text.length();
    for (int i = 0; i < text.length(); i++) {
      hash = mix(hash ^ text.charAt(i));
    }
    return hash;
  }

  static Optional<Fingerprint> parse(String hex) {
    if (hex.length() != 32) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Fingerprint(
              HexFormat.fromHexDigitsToLong(hex, 0, 16),
              HexFormat.fromHexDigitsToLong(hex, 16, 32)));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // not hex digits
    }
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }

  /** The finalizer of splitmix64: every bit of the input changes every bit of the output. */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
