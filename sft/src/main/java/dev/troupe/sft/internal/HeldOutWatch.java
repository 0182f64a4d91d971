package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.GangContext;
import dev.troupe.core.Json;
import dev.troupe.lm.CausalLm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;

/**
 * A gang in which the loss on held-out rows is measured after every few steps, by all ranks
 * together, and the weights of the best of these steps are kept, if wanted. What was measured is
 * part of each checkpoint, so that an interruption leaves no gap.
 */
final class HeldOutWatch extends ForwardingGang {

  /** The name of the artifact: a line a measurement. */
  static final String FILE = "eval.jsonl";

  private static final String STATE = "held-out.json";

  /** A measurement. */
  record Measured(long step, double loss) {}

  /**
   * What a checkpoint holds.
   *
   * @param weights flat parameters at the best step, fp32
   */
  record State(List<Measured> measured, Optional<Measured> best, Optional<BlobRef> weights) {}

  private final CausalLm model;
  private final Dataset heldOut;
  private final TrainingPlan plan;
  private final long every;
  private final boolean keepBest;
  private DoubleConsumer listener = loss -> {};
  private final SharedState<State> state;

  /**
   * @param every steps between measurements; the last step is always measured
   * @param keepBest whether the best weights go to the store
   */
  HeldOutWatch(
      GangContext gang,
      CausalLm model,
      Dataset heldOut,
      TrainingPlan plan,
      long every,
      boolean keepBest) {
    super(gang);
    this.model = model;
    this.heldOut = heldOut;
    this.plan = plan;
    this.every = every;
    this.keepBest = keepBest;
    State nothing = new State(List.of(), Optional.empty(), Optional.empty());
    state = new SharedState<>(gang, STATE, nothing, State.class);
  }

  /** Calls {@code listener} with each loss that is measured after a step, on every rank. */
  void onMeasured(DoubleConsumer listener) {
    this.listener = listener;
  }

  State state() {
    return state.get();
  }

  @Override
  public Optional<Checkpoint> resume() {
    Optional<Checkpoint> checkpoint = super.resume();
    state.resume(checkpoint);
    return checkpoint;
  }

  @Override
  public void endStep(long step, CheckpointWriter save) {
    if (step % every == 0 || step == plan.steps()) {
      measure(step);
    }
    super.endStep(
        step,
        sink -> {
          save.write(sink);
          state.save(sink);
        });
  }

  /**
   * Measures before the first step.
   *
   * @param weights the flat parameters, if they are in the store
   */
  void measureStart(Optional<BlobRef> weights) {
    Measured start = new Measured(0, heldOutLoss());
    state.set(new State(List.of(start), Optional.of(start), weights));
  }

  private double heldOutLoss() {
    int rows = Math.max(1, plan.batch() / plan.microBatches());
    return HeldOutLoss.measure(this, model, heldOut, rows, plan.context());
  }

  /** A second time if the step is one that was resumed from memory. */
  private void measure(long step) {
    Measured now = new Measured(step, heldOutLoss());
    listener.accept(now.loss());
    State before = state.get();
    boolean best = before.best().isEmpty() || now.loss() < before.best().get().loss();
    List<Measured> all = new ArrayList<>(before.measured());
    all.removeIf(m -> m.step() == step);
    all.add(now);
    Optional<BlobRef> weights = before.weights();
    if (rank() == 0) {
      log().info("step {}: held-out loss {}", step, now.loss());
      progress().report("held-out", step, plan.steps(), Map.of("loss", now.loss()));
      weights = best && keepBest ? Optional.of(store().put(model.parameters())) : weights;
      String lines = all.stream().map(m -> Json.write(m) + "\n").collect(Collectors.joining());
      artifact(FILE, lines.getBytes(StandardCharsets.UTF_8));
    }
    // Rank 0 alone knows the weights' blob.
    state.share(new State(all, best ? Optional.of(now) : before.best(), weights));
  }
}
