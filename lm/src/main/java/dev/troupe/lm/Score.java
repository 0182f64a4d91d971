package dev.troupe.lm;

/**
 * How likely a model holds the counted tokens of an example.
 *
 * @param logLikelihood sum over them, nats; at most 0
 * @param tokens how many they are
 * @param greedy whether each is the likeliest after those before it
 */
public record Score(double logLikelihood, int tokens, boolean greedy) {}
