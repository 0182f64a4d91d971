package dev.troupe.cli.internal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * All that a command sees of the process it runs in, so that tests can run one in theirs.
 *
 * @param out results
 * @param err messages and progress
 * @param environment the environment's variables
 * @param directory what relative paths start from
 * @param outIsTerminal whether {@code out} may carry colours
 * @param errIsTerminal whether {@code err} may carry colours and lines that are drawn again
 * @param columns the terminal's width
 * @param signals Ctrl-C and the end of the process
 */
public record Io(
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    Path directory,
    boolean outIsTerminal,
    boolean errIsTerminal,
    int columns,
    Signals signals) {

  private static final int DEFAULT_COLUMNS = 100;

  /** That of this process. The launcher says what is a terminal: Java 17 cannot tell. */
  public static Io ofProcess() {
    return new Io(
        stream(FileDescriptor.out, 1 << 16),
        stream(FileDescriptor.err, 1 << 12),
        System.getenv(),
        Path.of("").toAbsolutePath(),
        Boolean.getBoolean("troupe.out.terminal"),
        Boolean.getBoolean("troupe.err.terminal"),
        Math.max(40, Integer.getInteger("troupe.columns", DEFAULT_COLUMNS)),
        new ProcessSignals());
  }

  /** Writes a message at once. */
  public void message(String text) {
    err.println(text);
    err.flush();
  }

  /** Writes, at once, what went wrong. */
  public void error(String text) {
    message(errStyle().red("error: ") + text);
  }

  /** Colours for {@code out}. */
  public Style outStyle() {
    return new Style(outIsTerminal && colourful());
  }

  /** Colours for {@code err}. */
  public Style errStyle() {
    return new Style(errIsTerminal && colourful());
  }

  /** The value of a variable, or "" if it is not set. */
  public String env(String name) {
    return environment.getOrDefault(name, "");
  }

  /** The user's home folder. */
  public Path home() {
    String home = env("HOME");
    return Path.of(home.isEmpty() ? System.getProperty("user.home") : home);
  }

  private boolean colourful() {
    return env("NO_COLOR").isEmpty() && !env("TERM").equals("dumb");
  }

  private static PrintStream stream(FileDescriptor descriptor, int buffer) {
    return new PrintStream(
        new java.io.BufferedOutputStream(new FileOutputStream(descriptor), buffer),
        false,
        StandardCharsets.UTF_8);
  }
}
