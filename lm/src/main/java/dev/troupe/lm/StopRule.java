package dev.troupe.lm;

import java.util.Set;
import java.util.function.Predicate;

/**
 * What ends a generated answer before it has as many tokens as it may have. A prompt whose answer
 * has ended leaves its batch.
 *
 * @param ids tokens that end it and are not part of it
 * @param after asked after each token with the answer so far; what ends it is part of it, as in a
 *     stop text that may lie across several tokens
 */
public record StopRule(Set<Integer> ids, Predicate<int[]> after) {

  /** Tokens alone. */
  public static StopRule at(Set<Integer> ids) {
    return new StopRule(ids, answer -> false);
  }
}
