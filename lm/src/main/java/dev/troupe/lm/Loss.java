package dev.troupe.lm;

/**
 * Summed negative log-likelihood.
 *
 * @param sum in nats, over counted tokens
 * @param tokens number of counted tokens
 */
public record Loss(double sum, long tokens) {

  /** Nats a token; 0 if no token counts. */
  public double mean() {
    return tokens == 0 ? 0 : sum / tokens;
  }

  public Loss plus(Loss other) {
    return new Loss(sum + other.sum, tokens + other.tokens);
  }
}
