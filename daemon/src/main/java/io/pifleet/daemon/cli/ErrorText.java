package io.pifleet.daemon.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What went wrong, for people: file system exceptions carry a bare path as their message. */
public final class ErrorText {
  private ErrorText() {}

  /** One sentence without a full stop; control characters of outside text are gone. */
  public static String of(Throwable failure) {
    return Printable.lines(sentence(failure));
  }

  private static String sentence(Throwable failure) {
    if (failure instanceof FileSystemException fileFailure) {
      return fileFailure.getFile() + ": " + reason(fileFailure);
    }
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.getClass().getSimpleName();
    }
    boolean writtenForPeople =
        failure instanceof IOException
            || failure instanceof CommandFailedException
            || failure.getClass().getName().startsWith("io.pifleet.");
    return writtenForPeople ? message : failure.getClass().getSimpleName() + ": " + message;
  }

  private static String reason(FileSystemException failure) {
    if (failure instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "exists already";
    }
    if (failure instanceof NotDirectoryException) {
      return "is not a directory";
    }
    return failure.getReason() == null ? failure.getClass().getSimpleName() : failure.getReason();
  }
}
