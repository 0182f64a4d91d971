package dev.troupe.examples;

import dev.troupe.core.Handle;
import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Above;
import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.Min;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Looks for the learning rate and momentum that minimize a toy loss fastest, by successive halving:
 * rounds of a fan-out, each of which keeps the better half and gives it twice the steps.
 */
public final class Sweep implements Workload<Sweep.Options> {

  /** What a user can set. */
  public record Options(
      @Doc("learning rates tried") @Default("0.001,0.003,0.01,0.03,0.1") @Above(0)
          List<Double> rates,
      @Doc("momenta tried") @Default("0,0.5,0.9") @Min(0) List<Double> momenta,
      @Doc("steps of the first round; doubled with each") @Default("20") @Min(1) int steps) {}

  /** One setting and the loss it reached. */
  public record Trial(double rate, double momentum, double loss) {}

  /** Runs gradient descent on Rosenbrock's valley, whose minimum is 0. */
  public record Descend(double rate, double momentum, int steps) implements Task<Trial> {
    @Override
    public Trial run(TaskContext context) {
      double x = -1;
      double y = 1.5;
      double vx = 0;
      double vy = 0;
      for (int i = 0; i < steps; i++) {
        double dy = 20 * (y - x * x);
        double dx = -2 * (1 - x) - 2 * x * dy;
        vx = momentum * vx - rate * dx;
        vy = momentum * vy - rate * dy;
        x += vx;
        y += vy;
      }
      double loss = (1 - x) * (1 - x) + 10 * (y - x * x) * (y - x * x);
      return new Trial(rate, momentum, Double.isFinite(loss) ? loss : Double.MAX_VALUE);
    }
  }

  @Override
  public String name() {
    return "sweep";
  }

  @Override
  public String summary() {
    return "Looks for the best settings of a toy descent by successive halving";
  }

  @Override
  public Class<Options> optionsType() {
    return Options.class;
  }

  @Override
  public Result run(JobContext job, Options options) throws InterruptedException {
    List<Trial> trials = new ArrayList<>();
    for (double rate : options.rates()) {
      for (double momentum : options.momenta()) {
        trials.add(new Trial(rate, momentum, Double.MAX_VALUE));
      }
    }
    int rounds = 0;
    for (int steps = options.steps(); ; steps *= 2, rounds++) {
      trials = round(job, rounds, trials, steps);
      job.log().info("round {}: {} of {} steps", rounds, trials.get(0), steps);
      if (trials.size() == 1) {
        return Result.of("best", trials.get(0)).and("rounds", rounds + 1);
      }
      trials = trials.subList(0, (trials.size() + 1) / 2);
    }
  }

  /** All trials with so many steps, the best first. */
  private static List<Trial> round(JobContext job, int round, List<Trial> trials, int steps)
      throws InterruptedException {
    List<Handle<Trial>> handles = new ArrayList<>();
    for (Trial trial : trials) {
      String key = "round-" + round + "/rate-" + trial.rate() + "-momentum-" + trial.momentum();
      handles.add(job.submit(key, new Descend(trial.rate(), trial.momentum(), steps)));
    }
    List<Trial> done = new ArrayList<>();
    for (Handle<Trial> handle : handles) {
      done.add(handle.get());
    }
    done.sort(Comparator.comparingDouble(Trial::loss));
    return done;
  }
}
