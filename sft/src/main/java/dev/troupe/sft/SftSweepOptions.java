package dev.troupe.sft;

import dev.troupe.core.options.Above;
import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.FilePath;
import dev.troupe.core.options.Max;
import dev.troupe.core.options.Min;
import java.util.List;
import java.util.Optional;

/**
 * What {@code troupe run sft-sweep} takes. Each combination of {@code batches}, {@code
 * learningRates}, {@code schedules}, {@code warmups} and {@code seeds} is a setting.
 */
public record SftSweepOptions(
    @Doc("model to start from, as in sft") @FilePath String model,
    @Doc("files of rows, as in sft") @FilePath List<String> data,
    @Doc("files of held-out rows, whose loss ranks the settings") @Default("") @FilePath
        List<String> evalData,
    @Doc("part of data that is held out for the same") @Default("0") @Min(0) @Max(0.5)
        double evalFraction,
    @Doc("rows that each setting trains on, from its start to its end") @Min(1) long samples,
    @Doc("rows an optimizer step") @Default("64") @Min(1) List<Integer> batches,
    @Doc("peak learning rates") @Default("1e-5,2e-5,4e-5") @Above(0) List<Double> learningRates,
    @Doc("how the learning rate goes on after its warm-up") @Default("constant")
        List<SftOptions.Decay> schedules,
    @Doc("steps of warm-up") @Default("0") @Min(0) List<Integer> warmups,
    @Doc("of the order of the rows") @Default("42") List<Long> seeds,
    @Doc("parts of samples after which settings are compared, ascending")
        @Default("0.05,0.1,0.25,0.5")
        @Above(0)
        @Max(1)
        List<Double> rungs,
    @Doc(
            "how settings are compared: indicators (lower gradient norm, then higher loss, is"
                + " better), halving (asynchronous successive halving by held-out loss, by training"
                + " loss without held-out rows)")
        @Default("indicators")
        Policy policy,
    @Doc("advise: say which settings are hopeless and train all; enforce: stop them")
        @Default("advise")
        Stop stop,
    @Doc("part of the settings that goes on at each rung") @Default("0.5") @Above(0) @Max(1)
        double keep,
    @Doc("settings that train at the same time, if policy is halving")
        @Default("2")
        @Min(1)
        @Max(1024)
        int parallel,
    @Doc("pieces that a batch is cut into, at most as many as it has rows")
        @Default("8")
        @Min(1)
        @Max(4096)
        int microBatches,
    @Doc("weight decay of matrices") @Default("0") @Min(0) double weightDecay,
    @Doc("largest norm of the gradient, 0 for no limit") @Default("1") @Min(0) double clip,
    @Doc("most tokens of a row; if not given, the model's context") @Min(2)
        Optional<Integer> maxLength,
    @Doc("what to do with a longer row") @Default("error") SftOptions.TooLong tooLong,
    @Doc("threads a worker computes with") @Default("1") @Min(1) @Max(256) int threads) {

  /** How settings are compared. */
  public enum Policy {
    INDICATORS,
    HALVING
  }

  /** What happens to a setting that is hopeless. One that diverges is stopped in any case. */
  public enum Stop {
    ADVISE,
    ENFORCE
  }
}
