package io.pifleet.daemon.cli;

import io.pifleet.daemon.config.ConfigException;
import io.pifleet.daemon.control.ControlFailedException;
import java.io.IOException;
import java.io.PrintStream;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/**
 * Runs a picocli command and turns whatever comes out of it into an {@link ExitStatus} and one
 * plain message on stderr: {@code pifleet-agent: no such archive: 2026-W48}.
 */
public final class CommandRunner {
  /** Set, to anything: failures are printed with their stack trace. */
  private static final String DEBUG_VARIABLE = "PIFLEET_DEBUG";

  private final CommandLine commandLine;
  private final PrintStream out;
  private final PrintStream err;
  private final boolean debug;

  /**
   * @param command an object annotated with {@code @Command}; its name stands before every message
   */
  public CommandRunner(Object command) {
    this(command, System.out, System.err, System.getenv(DEBUG_VARIABLE) != null);
  }

  CommandRunner(Object command, PrintStream out, PrintStream err, boolean debug) {
    this.out = out;
    this.err = err;
    this.debug = debug;
    commandLine =
        new CommandLine(command)
            .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
            .setParameterExceptionHandler((failure, args) -> usageError(failure))
            .setExecutionExceptionHandler((failure, at, result) -> failed(failure));
  }

  /** The exit status; the caller exits. */
  public int run(String... args) {
    int status = commandLine.execute(args);
    out.flush();
    if (out.checkError() && status == ExitStatus.FINE) {
      // PrintStream keeps a full disk or a closed pipe to itself
      say("could not write all of the output");
      return ExitStatus.FAILED;
    }
    return status;
  }

  private int usageError(ParameterException failure) {
    CommandLine at = failure.getCommandLine();
    say(Printable.lines(failure.getMessage()));
    CommandLine.UnmatchedArgumentException.printSuggestions(failure, err);
    err.println(
        "Try '"
            + at.getCommandSpec().qualifiedName()
            + (at.getCommandSpec().optionsMap().containsKey("--help") ? " --help" : "")
            + "' for what it takes.");
    return ExitStatus.USAGE;
  }

  private int failed(Exception failure) {
    if (debug) {
      failure.printStackTrace(err);
    }
    if (failure instanceof ConfigException) {
      err.println(Printable.lines(failure.getMessage()));
      return ExitStatus.USAGE;
    }
    if (!isBrokenPipe(failure)) {
      say(ErrorText.of(failure));
    }
    return failure instanceof ControlFailedException ofDaemon ? ofDaemon.exit() : ExitStatus.FAILED;
  }

  /** The reader of our output has seen enough: {@code records ... | head}. */
  private static boolean isBrokenPipe(Exception failure) {
    return failure instanceof IOException && "Broken pipe".equals(failure.getMessage());
  }

  private void say(String message) {
    err.println(commandLine.getCommandName() + ": " + message);
  }
}
