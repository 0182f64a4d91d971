package dev.troupe.sft.internal;

import dev.troupe.core.report.Plot;
import dev.troupe.core.report.Report;
import java.util.ArrayList;
import java.util.List;

/** The curves of a training run. */
final class TrainingReport {

  private TrainingReport() {}

  /** Appends a section of plots. */
  static void curves(Report report, History history) {
    report
        .heading("Training")
        .plot(new Plot("Loss", "step", "nats a token", losses(history)))
        .plot(plot("Gradient norm", "before clipping", history.line("norm", StepRecord::gradNorm)))
        .plot(plot("Learning rate", "rate", history.line("rate", StepRecord::learningRate)))
        .plot(plot("Throughput", "tokens/s", history.line("tokens", StepRecord::tokensPerSecond)))
        .plot(
            plot(
                "Padding",
                "part of all positions",
                history.line("padding", StepRecord::paddingShare)))
        .plot(
            new Plot(
                "Where the time of a step goes (rank 0)", "step", "milliseconds", parts(history)));
    if (history.steps().stream().mapToInt(StepRecord::ranks).distinct().count() > 1) {
      report.plot(plot("Gang size", "ranks", history.line("ranks", StepRecord::ranks)));
    }
  }

  private static List<Plot.Line> losses(History history) {
    List<Plot.Line> lines = new ArrayList<>();
    lines.add(history.line("training", StepRecord::loss));
    List<StepRecord> measured =
        history.steps().stream().filter(step -> step.evalLoss().isPresent()).toList();
    if (!measured.isEmpty()) {
      lines.add(
          new Plot.Line(
              "held-out",
              measured.stream().map(step -> (double) step.step()).toList(),
              measured.stream().map(step -> step.evalLoss().orElseThrow()).toList()));
    }
    return lines;
  }

  private static List<Plot.Line> parts(History history) {
    return history.first().parts().keySet().stream()
        .map(part -> history.line(part, step -> 1e3 * step.parts().get(part)))
        .toList();
  }

  private static Plot plot(String title, String unit, Plot.Line line) {
    return new Plot(title, "step", unit, List.of(line));
  }
}
