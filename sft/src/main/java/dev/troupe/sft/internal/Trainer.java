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

  private static final String WEIGHTS = "weights.f32";
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
            ? new Shards(gang.rank(), gang.size())
            : new Shards(0, 1);
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

  /** Loads the newest checkpoint, if there is one; returns the number of steps done. */
  long resume() {
    gang.checkpointEvery(plan.checkpointEvery());
    return gang.resume().map(this::restore).orElse(0L);
  }

  /**
   * Trains to the end of the plan.
   *
   * @param done steps done, as {@link #resume} said
   * @param afterStep called on every rank with the number of steps done, before a checkpoint
   * @throws TrainingDivergedException if the loss or its gradient is no finite number, or the loss
   *     far above that of the first step
   */
  void run(long done, LongConsumer afterStep) {
    GradientSum sum =
        new GradientSum(gang.communicator(), model.layout(), shards, plan.microBatches());
    watch.restart();
    for (long step = done; step < plan.steps(); step++) {
      StepRecord record = step(step, sum);
      history.add(record);
      gang.spent(record.parts());
      Divergence.require(history, model.config().vocabSize());
      if (gang.rank() == 0) {
        gang.progress().report("train", step + 1, plan.steps(), record.shown());
      }
      afterStep.accept(step + 1);
      gang.endStep(step + 1, this::save);
    }
    gang.awaitCheckpoint();
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

  private StepRecord step(long step, GradientSum sum) {
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
    ByteBuffer gradients = trained.gradients(sum.gradients());
    double norm = optimizer.norm(gradients);
    double rate = plan.schedule().rate(step);
    requireFinite(step, loss, norm, rate);
    optimizer.step(trained.values(), gradients, rate, FlatMath.clipScale(norm, plan.clip()));
    double optimizerSeconds = watch.lap();

    average.ifPresent(a -> a.add(trained.values()));
    optimizer.gather(trained.values());
    trained.changed();
    waitSeconds += watch.lap();

    double computeSeconds = forwardSeconds + backwardSeconds;
    double seconds = syncSeconds + dataSeconds + computeSeconds + waitSeconds + optimizerSeconds;
    return new StepRecord(
        step + 1,
        loss,
        norm,
        rate,
        global.tokens(),
        global.paddingShare(),
        seconds,
        syncSeconds,
        dataSeconds,
        forwardSeconds,
        backwardSeconds,
        waitSeconds,
        optimizerSeconds,
        gang.size(),
        Optional.empty());
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
    sink.put(WEIGHTS, trained.values().duplicate().clear());
    sink.put(History.FILE, history.toJsonLines());
    String run = Json.write(new Run(data.fingerprint(), heldOutBefore));
    sink.put(RUN, run.getBytes(StandardCharsets.UTF_8));
  }

  private long restore(Checkpoint checkpoint) {
    String json = StandardCharsets.UTF_8.decode(checkpoint.read(RUN)).toString();
    Run run = Json.read(json, Run.class);
    if (!run.dataSha256().equals(data.fingerprint())) {
      throw new InputException(
          "data: its tokens are not those of the checkpoint at step %d (expected: the same file on every worker, unchanged while the job runs)"
              .formatted(checkpoint.step()));
    }
    restore(checkpoint, WEIGHTS, trained.values());
    trained.changed();
    optimizer.restore(checkpoint);
    average.ifPresent(a -> a.restore(checkpoint));
    heldOutBefore = run.heldOutBefore();
    history = History.parse(checkpoint.read(History.FILE));
    return checkpoint.step();
  }

  private static void restore(Checkpoint checkpoint, String file, ByteBuffer target) {
    ByteBuffer source = checkpoint.read(file);
    if (source.remaining() != target.capacity()) {
      throw new IllegalStateException(
          "checkpoint at step %d, %s: %d bytes (expected: %d, as the model has)"
              .formatted(checkpoint.step(), file, source.remaining(), target.capacity()));
    }
    target.duplicate().clear().put(source.duplicate());
  }
}
