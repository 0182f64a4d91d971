package dev.troupe.sft.internal;

import dev.troupe.core.Checkpoint;
import dev.troupe.core.CheckpointSink;
import dev.troupe.core.GangContext;
import dev.troupe.core.InputException;
import dev.troupe.core.Json;
import dev.troupe.core.SumTree;
import dev.troupe.lm.Batch;
import dev.troupe.lm.CausalLm;
import dev.troupe.tensor.AdamW;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * One rank of data-parallel training, for one generation of its gang.
 *
 * <p>Every rank holds the whole model, knows the whole data and so the whole plan: which rows a
 * step takes and how they are cut into micro-batches is a function of the step. Only gradients (and
 * the loss) are exchanged, and updated parameters. A sum is taken in one order whoever computed its
 * parts; so all ranks hold the same bits after each step, and a run gives the same weights on any
 * number of ranks and through any interruption.
 */
final class Trainer {

  private static final String RUN = "run.json";

  /** What else a checkpoint holds. */
  private record Run(String dataSha256, Optional<Double> heldOutBefore) {}

  private final GangContext gang;
  private final CausalLm model;
  private final Trained trained;
  private final Dataset data;
  private final TrainingPlan plan;
  private final DataOrder order;
  private final Shards shards;
  private final ShardedAdamW optimizer;
  private final Optional<WeightAverage> average;
  private final Stopwatch watch = new Stopwatch();
  private History history = new History();

  /** Steps whose update was made. */
  private long done;

  /** The one that led there. */
  private HeldState.Update update = new HeldState.Update(0, 1);

  /** Those of the step after it, once they are complete here; null before that. */
  private ByteBuffer nextGradients;

  private boolean isRecalled;
  private Optional<Double> heldOutBefore = Optional.empty();

  /**
   * @param model holds the weights to start from
   * @param trained of the model, in place
   */
  Trainer(GangContext gang, CausalLm model, Trained trained, Dataset data, TrainingPlan plan) {
    this.gang = gang;
    this.model = model;
    this.trained = trained;
    this.data = data;
    this.plan = plan;
    order = new DataOrder(data.parts(), plan.batch(), plan.seed());
    shards =
        plan.shardOptimizer() && trained.isDivisible()
            ? new Shards(gang.rank(), gang.size(), plan.copyShards())
            : Shards.whole();
    AdamW.Options defaults = AdamW.DEFAULTS;
    AdamW.Options options =
        new AdamW.Options(
            defaults.beta1(), defaults.beta2(), defaults.epsilon(), plan.weightDecay());
    optimizer = new ShardedAdamW(gang.communicator(), trained.layout(), shards, options);
    average =
        plan.averageDecay() == 0
            ? Optional.empty()
            : Optional.of(
                new WeightAverage(trained.layout(), shards, plan.averageDecay(), trained.values()));
  }

  /**
   * Goes on from the newest state that the ranks hold in memory, or else from the newest
   * checkpoint, if there is one; returns the number of steps done.
   */
  long resume() {
    gang.checkpointEvery(plan.checkpointEvery());
    gang.resume().ifPresent(this::restore);
    return done;
  }

  /**
   * Trains to the end of the plan, from where {@link #resume} has brought it.
   *
   * @param afterStep called on every rank with the number of steps done, before a checkpoint; a
   *     second time for a step that is resumed from memory
   * @throws TrainingDivergedException if the loss or its gradient is no finite number, or the loss
   *     far above that of the first step
   */
  void run(LongConsumer afterStep) {
    try {
      GradientSum sum =
          new GradientSum(gang.communicator(), model.layout(), shards, plan.microBatches());
      if (isRecalled) {
        endStep(afterStep); // its end may not have come when the generation ended
      }
      watch.restart();
      while (done < plan.steps()) {
        step(done, sum);
        gang.spent(history.last().parts());
        Divergence.require(history, model.config().vocabSize());
        if (gang.rank() == 0) {
          gang.progress().report("train", done, plan.steps(), history.last().shown());
        }
        endStep(afterStep);
      }
      gang.awaitCheckpoint();
    } finally {
      remember();
    }
  }

  private void endStep(LongConsumer afterStep) {
    afterStep.accept(done);
    gang.endStep(done, this::save);
    if (gang.memory().remove(HeldState.NAME) != null) {
      SftMember.freeEarlierGeneration();
    }
  }

  /**
   * Leaves the state to the next generation; that of the generation before counts until a step of
   * this one has ended on all ranks.
   */
  private void remember() {
    if (done == 0 || gang.memory().containsKey(HeldState.NAME)) {
      return;
    }
    Optional<ByteBuffer> gradients =
        Optional.ofNullable(nextGradients).filter(g -> !shards.holdAll()).map(Trainer::copy);
    gang.memory().put(RUN, runFile());
    gang.memory().put(History.FILE, history.toJsonLines());
    gang.memory()
        .put(
            HeldState.NAME,
            new HeldState(
                done,
                trained.layout(),
                shards,
                trained.values(),
                optimizer,
                average,
                update,
                gradients));
  }

  /** They lie in memory that ends with the communicator. */
  private static ByteBuffer copy(ByteBuffer gradients) {
    ByteBuffer copy = FlatMath.allocate(gradients.limit() / Float.BYTES);
    FlatMath.copy(gradients, copy);
    return copy;
  }

  /** The average over steps of what is trained, flat, if there is one. Collective. */
  Optional<ByteBuffer> average() {
    return average.map(a -> a.gather(gang.communicator()));
  }

  /** Bytes of optimizer state that this rank holds. */
  long optimizerBytes() {
    return optimizer.bytes();
  }

  /** The steps so far. */
  History history() {
    return history;
  }

  /** The loss on held-out data before the first step, if it was measured. */
  Optional<Double> heldOutBefore() {
    return heldOutBefore;
  }

  /** Sets {@link #heldOutBefore}, which checkpoints keep. */
  void heldOutBefore(double loss) {
    heldOutBefore = Optional.of(loss);
  }

  private void step(long step, GradientSum sum) {
    double syncSeconds = watch.lap();

    GlobalBatch global =
        GlobalBatch.of(data, order.rowsOf(step), plan.microBatches(), plan.packing());
    List<Batch> batches = new ArrayList<>();
    SumTree.Range range = sum.range();
    for (int leaf = range.from(); leaf < range.to(); leaf++) {
      batches.add(global.leaf(leaf, plan.context()));
    }
    double dataSeconds = watch.lap();

    double before = model.forwardSeconds();
    sum.run(model, batches, global.countedTokens());
    double forwardSeconds = model.forwardSeconds() - before;
    double backwardSeconds = watch.lap() - forwardSeconds;

    sum.await();
    double waitSeconds = watch.lap();

    double loss = sum.loss() / global.countedTokens();
    nextGradients = trained.gradients(sum.gradients());
    double norm = optimizer.norm(nextGradients);
    double rate = plan.schedule().rate(step);
    requireFinite(step, loss, norm, rate);
    update(new HeldState.Update(rate, FlatMath.clipScale(norm, plan.clip())));
    double optimizerSeconds = watch.lap();

    try {
      optimizer.gather(trained.values());
      trained.changed();
    } finally { // what is left to the next generation is behind this step
      waitSeconds += watch.lap();
      double computeSeconds = forwardSeconds + backwardSeconds;
      history.add(
          new StepRecord(
              done,
              loss,
              norm,
              rate,
              global.tokens(),
              global.paddingShare(),
              syncSeconds + dataSeconds + computeSeconds + waitSeconds + optimizerSeconds,
              syncSeconds,
              dataSeconds,
              forwardSeconds,
              backwardSeconds,
              waitSeconds,
              optimizerSeconds,
              gang.size(),
              Optional.empty()));
    }
  }

  /** Makes one update of the shards held here. No other rank is asked, so nothing can end it. */
  private void update(HeldState.Update next) {
    optimizer.step(trained.values(), nextGradients, next.learningRate(), next.gradientScale());
    average.ifPresent(a -> a.add(trained.values()));
    update = next;
    nextGradients = null;
    done++;
  }

  /** All ranks see the same sums, so all fail here together. */
  private void requireFinite(long step, double loss, double norm, double rate) {
    if (Double.isFinite(loss) && Double.isFinite(norm)) {
      return;
    }
    StepRecord last = history.last();
    if (last == null) { // nothing was learned yet, so it is not the learning rate
      brokenParameter()
          .ifPresent(
              name -> {
                throw new InputException(
                    "model: %s holds NaN or infinity (expected: finite weights); the file is damaged, or was saved by a run that diverged"
                        .formatted(name));
              });
    }
    throw new TrainingDivergedException(
        "step %d: the loss is %.4g and the norm of its gradient %.4g (expected: finite); the learning rate was %.4g%s. Lower learningRate, or lengthen warmup."
            .formatted(
                step + 1,
                loss,
                norm,
                rate,
                last == null ? "" : ", the loss before it %.4g".formatted(last.loss())));
  }

  private Optional<String> brokenParameter() {
    FloatBuffer weights = model.parameters().asFloatBuffer();
    return model.layout().entries().stream()
        .filter(entry -> !isFinite(weights.slice(entry.offset(), entry.length())))
        .map(Layout.Entry::name)
        .findFirst();
  }

  private static boolean isFinite(FloatBuffer values) {
    while (values.hasRemaining()) {
      if (!Float.isFinite(values.get())) {
        return false;
      }
    }
    return true;
  }

  private void save(CheckpointSink sink) {
    if (gang.rank() == 0 || shards.owners() > 1) {
      optimizer.save(sink);
      average.ifPresent(a -> a.save(sink));
    }
    if (gang.rank() != 0) {
      return; // all ranks hold the same
    }
    new ShardFiles(trained.layout(), Shards.whole())
        .save(sink, HeldState.WEIGHTS, trained.values());
    sink.put(History.FILE, history.toJsonLines());
    sink.put(RUN, runFile());
  }

  private byte[] runFile() {
    return Json.write(new Run(data.fingerprint(), heldOutBefore)).getBytes(StandardCharsets.UTF_8);
  }

  private void restore(Checkpoint checkpoint) {
    String json = StandardCharsets.UTF_8.decode(checkpoint.read(RUN)).toString();
    Run run = Json.read(json, Run.class);
    if (!run.dataSha256().equals(data.fingerprint())) {
      throw new InputException(
          "data: its tokens are not those of the checkpoint at step %d (expected: the same file on every worker, unchanged while the job runs)"
              .formatted(checkpoint.step()));
    }
    new ShardFiles(trained.layout(), Shards.whole())
        .restore(checkpoint, HeldState.WEIGHTS, trained.values());
    trained.changed();
    optimizer.restore(checkpoint);
    average.ifPresent(a -> a.restore(checkpoint));
    heldOutBefore = run.heldOutBefore();
    history = History.parse(checkpoint.read(History.FILE));
    done = checkpoint.step();
    isRecalled = checkpoint instanceof GangMemory.Recalled;
  }
}
