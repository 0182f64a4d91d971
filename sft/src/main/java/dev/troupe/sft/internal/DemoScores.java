package dev.troupe.sft.internal;

import dev.troupe.sft.internal.DemoEvaluation.KindScore;
import dev.troupe.sft.internal.DemoEvaluation.Sample;
import java.util.ArrayList;
import java.util.List;

/** How all kinds of task went. */
public record DemoScores(List<KindScore> kinds) {

  /**
   * A kind before and after training.
   *
   * @param exactMatchBefore part of the answers that are right to the last character
   */
  public record PerKind(
      String kind, int prompts, double exactMatchBefore, double exactMatchAfter) {}

  public DemoScores {
    kinds = List.copyOf(kinds);
  }

  /** Mean over all tokens of right answers, nats. */
  public double loss() {
    return kinds.stream().mapToDouble(KindScore::lossSum).sum()
        / kinds.stream().mapToLong(KindScore::tokens).sum();
  }

  /** Over all prompts. */
  public double exactMatch() {
    return (double) kinds.stream().mapToInt(KindScore::matches).sum()
        / kinds.stream().mapToInt(KindScore::prompts).sum();
  }

  /** Some answers of each kind. */
  public List<Sample> samples() {
    return kinds.stream().flatMap(k -> k.samples().stream()).toList();
  }

  /** One line a kind. */
  public static List<PerKind> perKind(DemoScores before, DemoScores after) {
    List<PerKind> lines = new ArrayList<>();
    for (int i = 0; i < after.kinds.size(); i++) {
      KindScore then = before.kinds.get(i);
      KindScore now = after.kinds.get(i);
      lines.add(new PerKind(now.kind(), now.prompts(), match(then), match(now)));
    }
    return lines;
  }

  private static double match(KindScore score) {
    return (double) score.matches() / score.prompts();
  }
}
