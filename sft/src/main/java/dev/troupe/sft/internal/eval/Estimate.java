package dev.troupe.sft.internal.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A figure over rows.
 *
 * @param metric its name
 * @param standardError of {@code value}, from the spread of the rows; 0 for a single row
 * @param rows measured
 */
public record Estimate(String metric, double value, double standardError, int rows) {

  /** All figures of an evaluation. Loss is a mean over tokens, the others are means over rows. */
  static List<Estimate> of(List<RowScore> rows) {
    Map<String, Double> metrics = rows.get(0).metrics();
    if (metrics.containsKey("tokens")) {
      Estimate loss = ratio("loss", rows, r -> r.metrics().get("tokens"));
      double perplexity = Math.exp(loss.value());
      return List.of(
          loss,
          new Estimate("perplexity", perplexity, perplexity * loss.standardError(), loss.rows()));
    }
    List<Estimate> means = new ArrayList<>();
    metrics.keySet().forEach(name -> means.add(ratio(name, rows, row -> 1)));
    return means;
  }

  /**
   * The sum of a figure over the sum of weights, with the standard error of such a ratio (Cochran,
   * "Sampling Techniques", 1977, section 2.11); where all weights are 1, that of a mean.
   */
  private static Estimate ratio(
      String metric, List<RowScore> rows, ToDoubleFunction<RowScore> weight) {
    double total = rows.stream().mapToDouble(weight).sum();
    double value = rows.stream().mapToDouble(r -> r.metrics().get(metric)).sum() / total;
    double squares = 0;
    for (RowScore row : rows) {
      double residual = row.metrics().get(metric) - value * weight.applyAsDouble(row);
      squares += residual * residual;
    }
    int n = rows.size();
    double error = n < 2 ? 0 : Math.sqrt(squares * n / (n - 1)) / total;
    return new Estimate(metric, value, error, n);
  }
}
