package dev.troupe.sft.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SpearmanTest {

  /** IQ against hours of television, a common textbook's example: -29/165. */
  @Test
  void agreesWithATextbook() {
    double[] iq = {106, 100, 86, 101, 99, 103, 97, 113, 112, 110};
    double[] hours = {7, 27, 2, 50, 28, 29, 20, 12, 6, 17};
    assertThat(Spearman.correlation(iq, hours).orElseThrow()).isCloseTo(-29.0 / 165, within(1e-12));
  }

  /** scipy.stats.spearmanr([1, 2, 2, 3, 5], [2, 1, 4, 4, 4]) gives 0.6308932681440449. */
  @Test
  void equalValuesShareARank() {
    double[] x = {1, 2, 2, 3, 5};
    double[] y = {2, 1, 4, 4, 4};
    assertThat(Spearman.correlation(x, y).orElseThrow())
        .isCloseTo(0.6308932681440449, within(1e-12));
  }

  @Test
  void thereIsNoneWithoutAnOrder() {
    assertThat(Spearman.correlation(new double[] {1, 2}, new double[] {1, 2})).isEmpty();
    assertThat(Spearman.correlation(new double[] {1, 1, 1}, new double[] {1, 2, 3})).isEmpty();
    assertThat(Spearman.correlation(new double[] {1, 2, 3}, new double[] {5, 6, 9})).hasValue(1);
  }
}
