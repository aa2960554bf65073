package io.pifleet.collector.cli;

import io.pifleet.collector.store.StoredName;
import io.pifleet.protocol.DeviceId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A device id that was typed, and so may be no id.
 *
 * @param id in the syntax of {@link DeviceId}
 */
record DeviceParameter(String id) {

  static final class Converter implements ITypeConverter<DeviceParameter> {
    @Override
    public DeviceParameter convert(String text) {
      if (!DeviceId.isValid(text)) {
        throw new TypeConversionException("wanted: " + DeviceId.WANTED);
      }
      return new DeviceParameter(text);
    }
  }

  /** For the archive beside it. */
  static final class NameConverter implements ITypeConverter<StoredName> {
    @Override
    public StoredName convert(String text) {
      return StoredName.parse(text)
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "wanted: a period such as 2026-W47, or a part of one, 2026-W47.2"));
    }
  }
}
