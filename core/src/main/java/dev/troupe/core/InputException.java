package dev.troupe.core;

/**
 * The job was given something that it cannot use: a row that does not parse, a damaged model, one
 * that its hub does not give, a learning rate that makes the loss diverge. What went wrong lies in
 * the input and not in the code, so the message alone reaches the user, without a stack; it names
 * the option, the file and the line, and what was expected.
 */
public class InputException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public InputException(String message) {
    super(message);
  }

  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}
