package dev.troupe.sft.internal;

import dev.troupe.core.Json;
import dev.troupe.core.report.Plot;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The steps of a run so far, in order. It is part of each checkpoint, so that the curves of an
 * interrupted run have no gap. At most {@link #LIMIT} steps are kept: beyond that every second one,
 * then every fourth, and so on; first and last stay exact.
 */
final class History {

  /** The name of the artifact, and of the file in a checkpoint. */
  static final String FILE = "metrics.jsonl";

  static final int LIMIT = 20_000;

  private final List<StepRecord> steps = new ArrayList<>();
  private StepRecord first;
  private StepRecord last;
  private int stride = 1;

  void add(StepRecord step) {
    first = first == null ? step : first;
    last = step;
    if (step.step() % stride == 0) {
      steps.add(step);
    }
    if (steps.size() > LIMIT) {
      stride *= 2;
      steps.removeIf(s -> s.step() % stride != 0);
    }
  }

  /** Notes the held-out loss after the last step. */
  void measured(double evalLoss) {
    last = last.withEvalLoss(evalLoss);
    first = first.step() == last.step() ? last : first;
    int end = steps.size() - 1;
    if (end >= 0 && steps.get(end).step() == last.step()) {
      steps.set(end, last);
    }
  }

  /** What is kept: the first step, each {@code stride}-th, the last. */
  List<StepRecord> steps() {
    List<StepRecord> all = new ArrayList<>(steps);
    if (first != null && (all.isEmpty() || all.get(0).step() != first.step())) {
      all.add(0, first);
    }
    if (last != null && all.get(all.size() - 1).step() != last.step()) {
      all.add(last);
    }
    return all;
  }

  StepRecord first() {
    return first;
  }

  StepRecord last() {
    return last;
  }

  /** Of the last few steps kept; minus infinity if there are not so many. */
  double lowestLoss(int count) {
    if (steps.size() < count) {
      return Double.NEGATIVE_INFINITY;
    }
    return steps.subList(steps.size() - count, steps.size()).stream()
        .mapToDouble(StepRecord::loss)
        .min()
        .orElseThrow();
  }

  /** Tokens a second over all steps kept; 0 if there are none. */
  double tokensPerSecond() {
    double seconds = sum(StepRecord::seconds);
    return seconds == 0 ? 0 : sum(StepRecord::tokens) / seconds;
  }

  /** Time spent waiting for the all-reduce, as a part of all time; 0 if there are no steps. */
  double allReduceShare() {
    double seconds = sum(StepRecord::seconds);
    return seconds == 0 ? 0 : sum(StepRecord::waitSeconds) / seconds;
  }

  /** Padding as a part of all positions that were computed; 0 if there are no steps. */
  double paddingShare() {
    double positions = sum(s -> s.tokens() / (1 - s.paddingShare()));
    return positions == 0 ? 0 : 1 - sum(StepRecord::tokens) / positions;
  }

  private double sum(ToDoubleFunction<StepRecord> part) {
    return steps().stream().mapToDouble(part).sum();
  }

  /** One figure over steps, for a plot. */
  Plot.Line line(String name, ToDoubleFunction<StepRecord> figure) {
    List<StepRecord> all = steps();
    return new Plot.Line(
        name,
        all.stream().map(s -> (double) s.step()).toList(),
        all.stream().map(figure::applyAsDouble).toList());
  }

  /** One JSON object a line. */
  byte[] toJsonLines() {
    StringBuilder lines = new StringBuilder();
    for (StepRecord step : steps()) {
      lines.append(Json.write(step)).append('\n');
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads {@link #toJsonLines} back.
   *
   * @throws IllegalArgumentException if a line does not parse
   */
  static History parse(ByteBuffer jsonLines) {
    History history = new History();
    String text = StandardCharsets.UTF_8.decode(jsonLines.duplicate()).toString();
    for (String line : text.split("\n", -1)) {
      if (!line.isEmpty()) {
        history.add(Json.read(line, StepRecord.class));
      }
    }
    return history;
  }
}
