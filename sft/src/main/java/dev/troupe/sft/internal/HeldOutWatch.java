package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.GangContext;
import dev.troupe.core.Json;
import dev.troupe.lm.CausalLm;
import java.nio.ByteBuffer;
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
  private State state = new State(List.of(), Optional.empty(), Optional.empty());

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
  }

  /** Calls {@code listener} with each loss that is measured after a step, on every rank. */
  void onMeasured(DoubleConsumer listener) {
    this.listener = listener;
  }

  State state() {
    return state;
  }

  @Override
  public Optional<Checkpoint> resume() {
    Optional<Checkpoint> checkpoint = super.resume();
    become(checkpoint.map(c -> parse(c.read(STATE))).orElse(state));
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
          if (rank() == 0) {
            sink.put(STATE, bytes(state));
          }
        });
  }

  private void become(State next) {
    state = next;
    memory().put(STATE, bytes(next));
  }

  private static State parse(ByteBuffer bytes) {
    return Json.read(StandardCharsets.UTF_8.decode(bytes).toString(), State.class);
  }

  private static byte[] bytes(State state) {
    return Json.write(state).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Measures before the first step.
   *
   * @param weights the flat parameters, if they are in the store
   */
  void measureStart(Optional<BlobRef> weights) {
    Measured start = new Measured(0, heldOutLoss());
    become(new State(List.of(start), Optional.of(start), weights));
  }

  private double heldOutLoss() {
    int rows = Math.max(1, plan.batch() / plan.microBatches());
    return HeldOutLoss.measure(this, model, heldOut, rows, plan.context());
  }

  /** A second time if the step is one that was resumed from memory. */
  private void measure(long step) {
    Measured now = new Measured(step, heldOutLoss());
    listener.accept(now.loss());
    boolean best = state.best().isEmpty() || now.loss() < state.best().get().loss();
    List<Measured> all = new ArrayList<>(state.measured());
    all.removeIf(before -> before.step() == step);
    all.add(now);
    Optional<BlobRef> weights = state.weights();
    if (rank() == 0) {
      log().info("step {}: held-out loss {}", step, now.loss());
      progress().report("held-out", step, plan.steps(), Map.of("loss", now.loss()));
      weights = best && keepBest ? Optional.of(store().put(model.parameters())) : weights;
      String lines = all.stream().map(m -> Json.write(m) + "\n").collect(Collectors.joining());
      artifact(FILE, lines.getBytes(StandardCharsets.UTF_8));
    }
    State measured = new State(all, best ? Optional.of(now) : state.best(), weights);
    // Rank 0 alone knows the weights' blob; any rank may be asked for the state later.
    ByteBuffer own = ByteBuffer.wrap(bytes(measured));
    become(parse(RankBytes.broadcast(communicator(), own, 0)));
  }
}
