package dev.troupe.sft.internal;

import dev.troupe.core.InputException;

/**
 * The loss or its gradient is no finite number any more, or the loss far above that of the first
 * step; all ranks throw it at the same step.
 */
public final class TrainingDivergedException extends InputException {

  private static final long serialVersionUID = 1L;

  TrainingDivergedException(String message) {
    super(message);
  }
}
