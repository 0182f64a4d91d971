package dev.troupe.sft.internal.sweep;

import dev.troupe.core.BlobRef;
import dev.troupe.core.GangSize;
import dev.troupe.core.Handle;
import dev.troupe.core.JobContext;
import dev.troupe.sft.SftSweepOptions;
import dev.troupe.sft.internal.Segment;
import dev.troupe.sft.internal.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All trials with what is known of them, and the way to take one to its next rung. */
final class Race {

  /** A held-out (or training) loss so much above that of the start is no fine-tuning any more. */
  private static final double DIVERGED = 1.1;

  private final JobContext job;
  private final String model;
  private final List<Double> rungs;
  private final List<Runner> runners = new ArrayList<>();
  private int segments;

  /** A trial under way. */
  static final class Runner {
    private final Trial trial;
    private final List<RungResult> results = new ArrayList<>();
    private Optional<Snapshot> state = Optional.empty();
    private BlobRef history;
    private Optional<String> diverged = Optional.empty();
    private int hopelessAt = -1;

    private Runner(Trial trial) {
      this.trial = trial;
    }

    Trial trial() {
      return trial;
    }

    /** One for each rung that it has reached. */
    List<RungResult> results() {
      return results;
    }

    RungResult last() {
      return results.get(results.size() - 1);
    }

    /** Why it was stopped as diverged. */
    Optional<String> diverged() {
      return diverged;
    }

    /** The rung at which the policy gave it up, -1 if it did not. */
    int hopelessAt() {
      return hopelessAt;
    }

    void giveUp() {
      hopelessAt = results.size() - 1;
    }

    /** All steps so far; null before the first rung. */
    BlobRef history() {
      return history;
    }

    long samples() {
      return results.isEmpty() ? 0 : last().samples();
    }
  }

  /**
   * @param model with its commit, if it is one of the hub
   */
  Race(JobContext job, SftSweepOptions options, String model) {
    this.job = job;
    this.model = model;
    List<Double> parts = new ArrayList<>(options.rungs());
    if (parts.isEmpty() || parts.get(parts.size() - 1) < 1) {
      parts.add(1.0);
    }
    rungs = List.copyOf(parts);
    Trial.of(options).forEach(trial -> runners.add(new Runner(trial)));
  }

  List<Runner> runners() {
    return runners;
  }

  /** Parts of a run after which trials are compared; the last is 1. */
  List<Double> rungs() {
    return rungs;
  }

  boolean atEnd(Runner runner) {
    return runner.results.size() == rungs.size();
  }

  /**
   * Starts a trial on its way to its next rung. The key and the input depend on the trial alone.
   */
  Handle<Segment.Outcome> start(Runner runner) {
    int rung = runner.results.size();
    Trial trial = runner.trial;
    return job.gang(
        "trial-%d/rung-%d".formatted(trial.number(), rung),
        GangSize.of(1),
        new Segment(trial.options(), model, runner.state, trial.stepAt(rungs.get(rung))));
  }

  /** Waits for it to get there, and takes down how it went. */
  void finish(Runner runner, Handle<Segment.Outcome> handle) throws InterruptedException {
    Segment.Outcome outcome = handle.get();
    runner.history = outcome.history();
    runner.state = outcome.state();
    runner.diverged = outcome.diverged();
    Curve curve = Curve.of(job.store(), runner.history, runner.trial.batch());
    long since = runner.results.isEmpty() ? 0 : runner.last().step();
    int warmup = runner.trial.options().warmupSteps(runner.trial.steps());
    runner.results.add(curve.at(outcome.step(), since, warmup, outcome.heldOut()));
    if (runner.diverged.isEmpty()) {
      double start = outcome.heldOutBefore().orElse(curve.firstLoss());
      double now = runner.last().score();
      if (now > start * DIVERGED) {
        runner.diverged =
            Optional.of(
                "after %d steps the loss is %.4g, at the start it was %.4g"
                    .formatted(outcome.step(), now, start));
      }
    }
    runner.diverged.ifPresent(
        why ->
            job.log()
                .info(
                    "trial {} ({}) diverged: {}",
                    runner.trial.number(),
                    runner.trial.settings(),
                    why));
    segments++;
    job.progress().report("sweep", segments, (long) runners.size() * rungs.size());
  }
}
