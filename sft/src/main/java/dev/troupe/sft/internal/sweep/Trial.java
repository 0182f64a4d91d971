package dev.troupe.sft.internal.sweep;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.core.Json;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.core.options.OptionsSchema;
import dev.troupe.sft.SftOptions;
import dev.troupe.sft.SftSweepOptions;
import dev.troupe.sft.internal.Shown;
import java.util.ArrayList;
import java.util.List;

/**
 * A setting that is tried.
 *
 * @param number from 0, in the order of the options' lists
 * @param options of the whole run
 */
record Trial(int number, SftOptions options) {

  /** All combinations. */
  static List<Trial> of(SftSweepOptions sweep) {
    List<Trial> trials = new ArrayList<>();
    for (int batch : sweep.batches()) {
      for (double rate : sweep.learningRates()) {
        for (SftOptions.Decay schedule : sweep.schedules()) {
          for (int warmup : sweep.warmups()) {
            for (long seed : sweep.seeds()) {
              trials.add(
                  new Trial(trials.size(), options(sweep, batch, rate, schedule, warmup, seed)));
            }
          }
        }
      }
    }
    return trials;
  }

  /** By name, as a user would write them: what is not swept keeps the default of sft. */
  private static SftOptions options(
      SftSweepOptions sweep,
      int batch,
      double rate,
      SftOptions.Decay schedule,
      int warmup,
      long seed) {
    ObjectNode given = Json.mapper().createObjectNode();
    given.put("model", sweep.model());
    given.set("data", texts(sweep.data()));
    given.set("evalData", texts(sweep.evalData()));
    given.put("evalFraction", sweep.evalFraction());
    given.put("steps", Math.max(1, Math.toIntExact(Math.round((double) sweep.samples() / batch))));
    given.put("batch", batch);
    given.put("microBatches", Math.min(sweep.microBatches(), batch));
    given.put("learningRate", rate);
    given.put("schedule", OptionsSchema.enumText(schedule));
    given.put("warmup", warmup);
    given.put("seed", seed);
    given.put("weightDecay", sweep.weightDecay());
    given.put("clip", sweep.clip());
    sweep.maxLength().ifPresent(most -> given.put("maxLength", most));
    given.put("tooLong", OptionsSchema.enumText(sweep.tooLong()));
    given.put("threads", sweep.threads());
    given.put("workers", 1);
    return OptionsBinder.bind(given, SftOptions.class);
  }

  private static ArrayNode texts(List<String> values) {
    ArrayNode array = Json.mapper().createArrayNode();
    values.forEach(array::add);
    return array;
  }

  int batch() {
    return options.batchRows();
  }

  long steps() {
    return options.steps().orElseThrow();
  }

  /** The step at which a part of the run is over. */
  long stepAt(double part) {
    return Math.max(1, Math.min(steps(), (long) Math.ceil(part * steps() - 1e-9)));
  }

  /** As {@code --set} has it, of what may differ. */
  String settings() {
    return "batch=%d learningRate=%s schedule=%s warmup=%d seed=%d"
        .formatted(
            batch(),
            Shown.rate(options.peakRate()),
            OptionsSchema.enumText(options.decay()),
            options.warmupSteps(steps()),
            options.seed());
  }
}
