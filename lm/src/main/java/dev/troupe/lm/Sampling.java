package dev.troupe.lm;

/**
 * How the next token of a generated text is chosen.
 *
 * @param temperature divides the scores; 0 takes the likeliest token always
 * @param topP the share of probability that the likeliest tokens among which to choose have
 *     together (nucleus sampling; Holtzman et al., "The Curious Case of Neural Text Degeneration",
 *     2020, section 3.1); 1 for all tokens
 * @param seed the same seed gives the same choices; each prompt has random numbers of its own
 */
public record Sampling(double temperature, double topP, long seed) {

  /** The likeliest token. */
  public static final Sampling GREEDY = new Sampling(0, 1, 0);

  public Sampling {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("temperature: " + temperature + " (expected: >= 0)");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("topP: " + topP + " (expected: > 0, at most 1)");
    }
  }
}
