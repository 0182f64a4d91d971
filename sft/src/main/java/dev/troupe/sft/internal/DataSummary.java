package dev.troupe.sft.internal;

import dev.troupe.lm.Example;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a data set is like.
 *
 * @param rows examples
 * @param dropped rows left out because they are too long
 * @param tokens of all examples
 * @param learned tokens that the loss counts
 * @param lengths tokens of an example, by quantile ({@code min}, {@code p10}, ... {@code max})
 */
public record DataSummary(
    int rows, int dropped, long tokens, long learned, Map<String, Integer> lengths) {

  static DataSummary of(Dataset data) {
    int[] sorted = data.examples().stream().mapToInt(Example::length).sorted().toArray();
    Map<String, Integer> lengths = new LinkedHashMap<>();
    lengths.put("min", sorted[0]);
    for (int percent : List.of(10, 50, 90, 99)) {
      lengths.put("p" + percent, sorted[(sorted.length - 1) * percent / 100]);
    }
    lengths.put("max", sorted[sorted.length - 1]);
    return new DataSummary(
        data.size(),
        data.dropped(),
        data.examples().stream().mapToLong(Example::length).sum(),
        data.examples().stream().mapToLong(Example::countedTokens).sum(),
        lengths);
  }

  /** A line for the log. */
  @Override
  public String toString() {
    return "%,d rows%s, %,d tokens, of which %,d (%s) are learned; tokens a row: %s"
        .formatted(
            rows,
            dropped == 0 ? "" : " (%,d longer than maxLength left out)".formatted(dropped),
            tokens,
            learned,
            Shown.percent((double) learned / tokens),
            lengths);
  }
}
