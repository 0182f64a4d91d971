package dev.troupe.cli.internal;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Says what is wrong with a command line, what was probably meant, and where help is. */
public final class Misuse {

  /** What a value of a type looks like, where picocli would name the Java type. */
  private static final Map<Class<?>, String> EXPECTED =
      Map.of(
          int.class, "a whole number",
          Integer.class, "a whole number",
          Long.class, "a whole number");

  private Misuse() {}

  /** Prints the message; returns the exit code. */
  public static int explain(Io io, CommandLine.ParameterException error) {
    CommandLine command = error.getCommandLine();
    io.error(message(error, command));
    io.message("See '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.INVALID;
  }

  private static String message(CommandLine.ParameterException error, CommandLine command) {
    if (error instanceof CommandLine.UnmatchedArgumentException unmatched) {
      return unmatched(unmatched.getUnmatched().get(0), command);
    }
    ArgSpec argument = error.getArgSpec();
    if (argument == null || error.getValue() == null) {
      return error.getMessage();
    }
    Class<?> type = argument.type();
    String value = name(argument) + ": '" + error.getValue() + "' (expected: ";
    if (type.isEnum()) {
      return value + "one of " + String.join(", ", argument.completionCandidates()) + ")";
    } else if (EXPECTED.containsKey(type)) {
      return value + EXPECTED.get(type) + ")";
    }
    String message = error.getMessage(); // of our own converters, which say what they expect
    int expected = message.indexOf("(expected: ");
    return expected < 0 ? message : value + message.substring(expected + "(expected: ".length());
  }

  private static String unmatched(String typed, CommandLine command) {
    if (typed.startsWith("-") && typed.length() > 1) {
      return "unknown option '"
          + typed
          + "'"
          + Nearest.hint(typed, command.getCommandSpec().optionsMap().keySet());
    } else if (!command.getSubcommands().isEmpty()) {
      return "unknown command '"
          + typed
          + "'"
          + Nearest.hint(typed, command.getSubcommands().keySet());
    }
    return "'" + typed + "' is one argument too many";
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }
}
