package dev.troupe.sft.internal;

import java.nio.ByteBuffer;
import java.util.List;

/** What of a run's steps tells how well it learns. */
public final class LearningCurve {

  /**
   * A step.
   *
   * @param step from 1
   * @param loss nats a learned token
   * @param gradNorm before clipping
   */
  public record Point(long step, double loss, double gradNorm) {}

  private LearningCurve() {}

  /** Of {@code metrics.jsonl}. */
  public static List<Point> of(ByteBuffer metrics) {
    return History.parse(metrics).steps().stream()
        .map(s -> new Point(s.step(), s.loss(), s.gradNorm()))
        .toList();
  }
}
