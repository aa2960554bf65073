package io.pifleet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that runs to its end: the system's tar and zstd, and the command lines of pifleet. */
final class Program {
  private static final long LIMIT_SECONDS = 120;

  private final List<String> command;
  private final Map<String, String> environment;

  Program(List<String> command, Map<String, String> environment) {
    this.command = List.copyOf(command);
    this.environment = Map.copyOf(environment);
  }

  static Program of(String... command) {
    return new Program(Arrays.asList(command), Map.of("LC_ALL", "C.UTF-8"));
  }

  /** How it ended, and what it wrote. */
  record Result(int exit, String out, String errors) {
    /** What it wrote to stdout, when all was fine. */
    String fine() {
      assertEquals(0, exit, () -> "stdout: " + out + "\nstderr: " + errors);
      return out;
    }

    List<String> lines() {
      return fine().lines().toList();
    }
  }

  Result run() throws IOException, InterruptedException {
    Path out = Files.createTempFile("stdout", "");
    try {
      Result result = runInto(out);
      return new Result(result.exit(), Files.readString(out), result.errors());
    } finally {
      Files.delete(out);
    }
  }

  /** Runs it with stdout in a file. */
  Result runInto(Path out) throws IOException, InterruptedException {
    Path errors = Files.createTempFile("stderr", "");
    try {
      Process process = start(out, errors);
      try {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError(
              String.join(" ", command) + " does not end: " + text(out) + text(errors));
        }
      } finally {
        process.destroyForcibly();
      }
      return new Result(process.exitValue(), "", text(errors));
    } finally {
      Files.delete(errors);
    }
  }

  private Process start(Path out, Path errors) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command));
    builder.environment().putAll(environment);
    return builder
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectOutput(out.toFile())
        .redirectError(errors.toFile())
        .start();
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }

  /** Whether a program is installed. */
  static boolean exists(String name) {
    return Files.isExecutable(Path.of("/usr/bin", name))
        || Files.isExecutable(Path.of("/usr/sbin", name));
  }
}
