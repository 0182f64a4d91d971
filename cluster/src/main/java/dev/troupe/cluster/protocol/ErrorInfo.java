package dev.troupe.cluster.protocol;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * An error that crosses nodes.
 *
 * @param message one line
 * @param stack the stack trace as text, cut to {@link Limits#MAX_STACK_CHARS}
 */
public record ErrorInfo(String message, String stack) {

  /** The message is the exception's own, or its class name if it has none. */
  public static ErrorInfo of(Throwable error) {
    StringWriter text = new StringWriter();
    error.printStackTrace(new PrintWriter(text));
    String stack = text.toString();
    String message = error.getMessage() == null ? error.getClass().getName() : error.getMessage();
    return new ErrorInfo(
        message.lines().findFirst().orElse(message),
        stack.length() > Limits.MAX_STACK_CHARS
            ? stack.substring(0, Limits.MAX_STACK_CHARS) + "\n\t... cut"
            : stack);
  }
}
