package dev.troupe.sft.internal;

import dev.troupe.core.report.Plot;
import dev.troupe.core.report.Report;
import java.util.List;

/** The curves of a training run. */
final class TrainingReport {

  private TrainingReport() {}

  /** Appends a section of plots. */
  static void curves(Report report, History history) {
    report
        .heading("Training")
        .plot(plot("Loss", "nats a token", history.line("loss", StepRecord::loss)))
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
                "Where the time of a step goes (rank 0)",
                "step",
                "milliseconds",
                List.of(
                    history.line("data", s -> 1e3 * s.dataSeconds()),
                    history.line("forward", s -> 1e3 * s.forwardSeconds()),
                    history.line("backward", s -> 1e3 * s.backwardSeconds()),
                    history.line("all-reduce wait", s -> 1e3 * s.waitSeconds()),
                    history.line("optimizer", s -> 1e3 * s.optimizerSeconds()),
                    history.line("sync, checkpoint", s -> 1e3 * s.syncSeconds()))))
        .plot(plot("Gang size", "ranks", history.line("ranks", StepRecord::ranks)));
  }

  private static Plot plot(String title, String unit, Plot.Line line) {
    return new Plot(title, "step", unit, List.of(line));
  }
}
