package io.pifleet.agent.cli;

import io.pifleet.protocol.ArchiveName;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code ARCHIVE}. */
final class ArchiveArgument implements ITypeConverter<ArchiveName> {
  @Override
  public ArchiveName convert(String text) {
    return ArchiveName.parse(text)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "'" + text + "' is no archive; wanted: such as 2026-W47 or 2026-W47.2"));
  }
}
