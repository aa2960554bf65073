package io.pifleet.daemon.config;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Numbers of bytes as people write them: {@code 4 MiB}, {@code 250M}, {@code 1.5 GB}, {@code 4096}.
 *
 * <p>Units are those of the HOCON specification ("Size in bytes format"): a single letter or {@code
 * KiB} is a power of 1024, {@code kB} a power of 1000. Stateless.
 */
public final class ByteSize {
  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  private ByteSize() {}

  /**
   * Reads a size.
   *
   * @return bytes, possibly zero; empty when {@code text} is no size, negative, not a whole number
   *     of bytes, or past {@link Long#MAX_VALUE}
   */
  public static OptionalLong parse(String text) {
    QuantityText quantity = QuantityText.split(text);
    if (quantity == null) {
      return OptionalLong.empty();
    }
    long unitBytes = unitBytes(quantity.unit());
    if (unitBytes == 0) {
      return OptionalLong.empty();
    }
    try {
      BigDecimal bytes = quantity.number().multiply(BigDecimal.valueOf(unitBytes));
      return OptionalLong.of(bytes.longValueExact());
    } catch (ArithmeticException notAWholeLong) {
      return OptionalLong.empty();
    }
  }

  /** The shortest text with a binary unit that {@link #parse} reads back as the same number. */
  public static String format(long bytes) {
    int unit = 0;
    long value = bytes;
    while (value != 0 && value % 1024 == 0 && unit < BINARY.length - 1) {
      value /= 1024;
      unit++;
    }
    return value + " " + BINARY[unit];
  }

  private static long unitBytes(String unit) {
    return switch (unit.toLowerCase(Locale.ROOT)) {
      case "", "b", "byte", "bytes" -> 1;
      case "k", "ki", "kib" -> 1L << 10;
      case "m", "mi", "mib" -> 1L << 20;
      case "g", "gi", "gib" -> 1L << 30;
      case "t", "ti", "tib" -> 1L << 40;
      case "p", "pi", "pib" -> 1L << 50;
      case "kb" -> 1_000L;
      case "mb" -> 1_000_000L;
      case "gb" -> 1_000_000_000L;
      case "tb" -> 1_000_000_000_000L;
      case "pb" -> 1_000_000_000_000_000L;
      default -> 0;
    };
  }
}
