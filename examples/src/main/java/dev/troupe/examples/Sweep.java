package dev.troupe.examples;

import dev.troupe.core.InputException;
import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Above;
import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.Min;
import java.util.Comparator;
import java.util.List;

/** Finds the best settings of a toy descent: each round keeps half of them, for twice the steps. */
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
  public record Descend(Trial trial, int steps) implements Task<Trial> {
    @Override
    public Trial run(TaskContext context) {
      double[] at = {-1, 1.5};
      double[] velocity = {0, 0};
      for (int i = 0; i < steps; i++) {
        double slope = 20 * (at[1] - at[0] * at[0]);
        double[] gradient = {-2 * (1 - at[0]) - 2 * at[0] * slope, slope};
        for (int axis = 0; axis < 2; axis++) {
          velocity[axis] = trial.momentum() * velocity[axis] - trial.rate() * gradient[axis];
          at[axis] += velocity[axis];
        }
      }
      double loss = Math.pow(1 - at[0], 2) + 10 * Math.pow(at[1] - at[0] * at[0], 2);
      return new Trial(trial.rate(), trial.momentum(), Double.isFinite(loss) ? loss : 1e300);
    }
  }

  @Override
  public String name() {
    return "sweep";
  }

  @Override
  public String summary() {
    return "finds the best settings of a toy descent by successive halving";
  }

  @Override
  public Class<Options> optionsType() {
    return Options.class;
  }

  @Override
  public Result run(JobContext job, Options options) throws InterruptedException {
    List<Trial> trials =
        options.rates().stream()
            .flatMap(rate -> options.momenta().stream().map(m -> new Trial(rate, m, 0)))
            .toList();
    if (trials.isEmpty()) {
      throw new InputException("rates, momenta: none (expected: at least one of each)");
    }
    for (int round = 0, steps = options.steps(); ; round++, steps *= 2) {
      List<Trial> tried = trials;
      int now = steps;
      trials =
          job.fanOut("round-" + round, tried.size(), i -> new Descend(tried.get(i), now)).stream()
              .sorted(Comparator.comparingDouble(Trial::loss))
              .toList();
      job.log()
          .info("round {}: best of {} after {} steps: {}", round, tried.size(), now, trials.get(0));
      if (trials.size() == 1) {
        return Result.of("best", trials.get(0)).and("rounds", round + 1);
      }
      trials = trials.subList(0, (trials.size() + 1) / 2);
    }
  }
}
