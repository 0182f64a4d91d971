package dev.troupe.lm.internal;

import ai.djl.ndarray.NDArray;
import dev.troupe.lm.Sampling;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Chooses the next token of each row by its scores; see {@link Sampling}. */
final class Sampler {

  private final Sampling sampling;

  Sampler(Sampling sampling) {
    this.sampling = sampling;
  }

  /**
   * The next id of each row.
   *
   * @param scores {@code [rows, vocab]}
   * @param randoms one for each row
   */
  long[] next(NDArray scores, List<SplittableRandom> randoms) {
    if (sampling.temperature() == 0) {
      try (NDArray likeliest = scores.argMax(1)) {
        return likeliest.toLongArray();
      }
    }
    float[] all = scores.toFloatArray();
    int vocab = all.length / randoms.size();
    long[] ids = new long[randoms.size()];
    for (int row = 0; row < ids.length; row++) {
      double[] shares = probabilities(Arrays.copyOfRange(all, row * vocab, (row + 1) * vocab));
      ids[row] = draw(shares, randoms.get(row).nextDouble());
    }
    return ids;
  }

  /** Probabilities of all tokens; 0 outside of the nucleus. Temperature is not 0. */
  double[] probabilities(float[] scores) {
    double most = Double.NEGATIVE_INFINITY;
    for (float score : scores) {
      most = Math.max(most, score);
    }
    double[] shares = new double[scores.length];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = Math.exp((scores[i] - most) / sampling.temperature());
    }
    normalize(shares);
    if (sampling.topP() < 1) {
      keepNucleus(shares);
      normalize(shares);
    }
    return shares;
  }

  private static void normalize(double[] shares) {
    double sum = Arrays.stream(shares).sum();
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= sum;
    }
  }

  /** Zeroes all but the fewest likeliest tokens that have {@code topP} together. */
  private void keepNucleus(double[] shares) {
    // Tokens below this have less than 1 - topP together, so the nucleus lies among the others.
    double least = (1 - sampling.topP()) / shares.length;
    int[] likeliest =
        IntStream.range(0, shares.length)
            .filter(id -> shares[id] >= least)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer id) -> -shares[id]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] kept = new double[shares.length];
    double sum = 0;
    for (int i = 0; i < likeliest.length && sum < sampling.topP(); i++) {
      kept[likeliest[i]] = shares[likeliest[i]];
      sum += shares[likeliest[i]];
    }
    System.arraycopy(kept, 0, shares, 0, kept.length);
  }

  /** The token in whose part of [0, 1) the number lies. */
  private static int draw(double[] shares, double number) {
    int last = 0;
    double sum = 0;
    for (int id = 0; id < shares.length; id++) {
      if (shares[id] > 0) {
        sum += shares[id];
        last = id;
        if (number < sum) {
          break;
        }
      }
    }
    return last;
  }
}
