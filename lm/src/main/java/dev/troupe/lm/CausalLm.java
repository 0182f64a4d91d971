package dev.troupe.lm;

import dev.troupe.lm.internal.Generator;
import dev.troupe.lm.internal.ModelFolder;
import dev.troupe.lm.internal.ParameterLayout;
import dev.troupe.lm.internal.RandomWeights;
import dev.troupe.lm.internal.Transformer;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.SafetensorsWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * A causal language model of one of the {@link Architecture}s, whose parameters live in one flat
 * fp32 buffer.
 *
 * <p>Not thread-safe: one thread at a time. {@link dev.troupe.tensor.Engine#start} sets the number
 * of threads that its operations use. With the same number, the same inputs give the same bits.
 */
public final class CausalLm implements AutoCloseable {

  /** Bytes of gradients that a bucket holds, about; see {@link Layout#buckets()}. */
  public static final int BUCKET_BYTES = 25 << 20;

  private final LmConfig config;
  private final ParameterLayout plan;
  private final ByteBuffer parameters;
  private final Transformer transformer;

  private CausalLm(LmConfig config, int bucketBytes, Precision precision) {
    this.config = config;
    this.plan = new ParameterLayout(config, bucketBytes);
    this.parameters = FlatMath.allocate(plan.layout().size());
    this.transformer = new Transformer(config, plan, parameters, precision);
  }

  /** {@link #load(Path, int, Precision)} in fp32, with buckets of {@link #BUCKET_BYTES}. */
  public static CausalLm load(Path folder) {
    return load(folder, BUCKET_BYTES);
  }

  /** {@link #load(Path, int, Precision)} in fp32. */
  public static CausalLm load(Path folder, int bucketBytes) {
    return load(folder, bucketBytes, Precision.FP32);
  }

  /**
   * Reads a Hugging Face folder: {@code config.json} and {@code model.safetensors} (or its shards
   * with their index), in fp32, fp16 or bf16.
   *
   * @param bucketBytes about how many bytes of gradients make a bucket
   * @param precision what it computes in; its parameters are fp32 in any case
   * @throws IllegalArgumentException if a file is missing, damaged or not supported
   */
  public static CausalLm load(Path folder, int bucketBytes, Precision precision) {
    LmConfig config = LmConfig.read(folder);
    CausalLm model = new CausalLm(config, bucketBytes, precision);
    try {
      ModelFolder.readWeights(folder, model.plan, model.floats());
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Whether {@link #load} would find what it needs, as far as headers tell: names and shapes of all
   * tensors, and that files are whole.
   *
   * @throws IllegalArgumentException as {@link #load}
   */
  public static void check(Path folder) {
    ModelFolder.openWeights(folder, new ParameterLayout(LmConfig.read(folder), BUCKET_BYTES));
  }

  /** {@link #random(LmConfig, long, int)} with buckets of {@link #BUCKET_BYTES}. */
  public static CausalLm random(LmConfig config, long seed) {
    return random(config, seed, BUCKET_BYTES);
  }

  /** {@link #random(LmConfig, long, int, Precision)} in fp32. */
  public static CausalLm random(LmConfig config, long seed, int bucketBytes) {
    return random(config, seed, bucketBytes, Precision.FP32);
  }

  /**
   * Normally distributed weights (standard deviation 0.02, scaled down by sqrt(2 * layers) where a
   * block writes to the residual stream), norms at 1. Depends on {@code seed} alone, not on
   * libtorch's generator.
   *
   * @param bucketBytes about how many bytes of gradients make a bucket
   */
  public static CausalLm random(LmConfig config, long seed, int bucketBytes, Precision precision) {
    CausalLm model = new CausalLm(config, bucketBytes, precision);
    RandomWeights.fill(config, model.layout(), model.floats(), seed);
    return model;
  }

  public LmConfig config() {
    return config;
  }

  /** Where each parameter lies, and the buckets of gradients. */
  public Layout layout() {
    return plan.layout();
  }

  /**
   * The parameters themselves, fp32, direct, native order, {@code layout().bytes()} long: what is
   * written here is what the model computes with, until {@link #close}. The memory stays the
   * buffer's own after that.
   */
  public ByteBuffer parameters() {
    return parameters.duplicate().order(ByteOrder.nativeOrder());
  }

  private FloatBuffer floats() {
    return parameters().asFloatBuffer();
  }

  /**
   * Whether {@link #forwardBackward} keeps the inputs of blocks only, and computes what lies
   * between once more on its way back (Chen et al., "Training Deep Nets with Sublinear Memory
   * Cost", 2016). It takes a forward pass more and far less memory; the bits are the same.
   */
  public void recompute(boolean recompute) {
    transformer.recompute(recompute);
  }

  /**
   * Loss, and the gradient of {@code loss.sum() / divisor}.
   *
   * @param divisor loss-counted tokens of the whole global batch
   * @param gradients direct, native order, {@code layout().bytes()} long from its position 0; every
   *     parameter's gradient is overwritten, gaps of the layout are left alone
   * @param onBucketReady told a bucket's index once its range of {@code gradients} is final: the
   *     last bucket first, while backward of the earlier layers is still to come; called by this
   *     thread
   * @throws IllegalArgumentException if the batch does not fit the model
   */
  public Loss forwardBackward(
      Batch batch, double divisor, ByteBuffer gradients, IntConsumer onBucketReady) {
    check(batch);
    if (!gradients.isDirect() || gradients.limit() != layout().bytes()) {
      throw new IllegalArgumentException(
          "gradients: %s buffer of %d bytes (expected: direct, %d)"
              .formatted(
                  gradients.isDirect() ? "direct" : "heap", gradients.limit(), layout().bytes()));
    }
    if (!(divisor > 0)) {
      throw new IllegalArgumentException("divisor: " + divisor + " (expected: > 0)");
    }
    double sum = transformer.forwardBackward(batch.grid(), divisor, gradients, onBucketReady);
    return new Loss(sum, batch.countedTokens());
  }

  /**
   * What the forward passes of {@link #forwardBackward} have taken so far, all calls together; loss
   * and output layer, whose two directions are one, count as backward.
   */
  public double forwardSeconds() {
    return transformer.forwardSeconds();
  }

  /** The loss alone. */
  public Loss evaluate(Batch batch) {
    check(batch);
    return new Loss(transformer.loss(batch.grid()), batch.countedTokens());
  }

  /** How likely the counted tokens of each example are. */
  public List<Score> score(Batch batch) {
    check(batch);
    float[] losses = transformer.tokenLosses(batch.grid());
    int likeliest = losses.length / 2; // where their marks begin
    List<Score> scores = new ArrayList<>();
    int at = 0;
    for (Example example : batch.examples()) {
      double sum = 0;
      boolean greedy = true;
      int end = at + example.countedTokens();
      for (int t = at; t < end; t++) {
        sum -= losses[t];
        greedy &= losses[likeliest + t] == 1;
      }
      scores.add(new Score(sum, end - at, greedy));
      at = end;
    }
    return scores;
  }

  /** Scores of the next token: {@code [batch.length(row) * vocabSize]} for each row. */
  public float[][] logits(Batch batch) {
    check(batch);
    FloatBuffer all = FloatBuffer.wrap(transformer.logits(batch.grid()));
    float[][] rows = new float[batch.rows()][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = new float[batch.length(row) * config.vocabSize()];
      all.get(rows[row]);
    }
    return rows;
  }

  private void check(Batch batch) {
    if (batch.longest() > config.context()) {
      throw new IllegalArgumentException(
          "batch: a row of %d tokens (expected: at most the model's context of %d)"
              .formatted(batch.longest(), config.context()));
    }
    for (long id : batch.grid().ids()) {
      checkToken(id);
    }
  }

  private void checkToken(long id) {
    if (id < 0 || id >= config.vocabSize()) {
      throw new IllegalArgumentException(
          "token id: %d (expected: 0 to %d; do tokenizer and model belong together?)"
              .formatted(id, config.vocabSize() - 1));
    }
  }

  /** {@link #generate(List, int, StopRule, Sampling)}, the likeliest token each time. */
  public List<int[]> generate(List<int[]> prompts, int maxNewTokens, Set<Integer> stop) {
    return generate(prompts, maxNewTokens, StopRule.at(stop), Sampling.GREEDY);
  }

  /** {@link #generate(List, int, StopRule, Sampling)}, up to one of some tokens. */
  public List<int[]> generate(
      List<int[]> prompts, int maxNewTokens, Set<Integer> stop, Sampling sampling) {
    return generate(prompts, maxNewTokens, StopRule.at(stop), sampling);
  }

  /**
   * Continues each prompt, in batches with a key-value cache.
   *
   * @param prompts ids, at least one each, fewer than the context
   * @param stop what ends an answer
   * @return the new ids of each prompt, at most {@code maxNewTokens}, and no more than fit into the
   *     context
   */
  public List<int[]> generate(
      List<int[]> prompts, int maxNewTokens, StopRule stop, Sampling sampling) {
    for (int i = 0; i < prompts.size(); i++) {
      int length = prompts.get(i).length;
      if (length < 1 || length >= config.context()) {
        throw new IllegalArgumentException(
            "prompt %d: %d tokens (expected: 1 to %d, less than the context)"
                .formatted(i, length, config.context() - 1));
      }
      Arrays.stream(prompts.get(i)).forEach(this::checkToken);
    }
    return new Generator(config, transformer, sampling).generate(prompts, maxNewTokens, stop);
  }

  /** {@link #save(Path, Path, SafetensorsWriter.Type, long)} in fp32, in one file. */
  public void save(Path folder, Path companions) {
    save(folder, companions, SafetensorsWriter.Type.F32, Long.MAX_VALUE);
  }

  /**
   * Writes a Hugging Face folder: {@code config.json} and {@code model.safetensors}, or shards with
   * their index. Each file appears whole or not at all.
   *
   * @param companions a folder whose tokenizer files, chat template and {@code
   *     generation_config.json} are copied along, and whose {@code config.json} gives the fields
   *     that are not the model's shape; or null
   * @param type how weights are stored; to fewer bits they are rounded to the nearest
   * @param shardBytes most bytes of weights in a file
   */
  public void save(Path folder, Path companions, SafetensorsWriter.Type type, long shardBytes) {
    ModelFolder.write(folder, config, plan, floats(), companions, type, shardBytes);
  }

  /** SHA-256, in hex, over names, shapes and bytes of all parameters in the layout's order. */
  public String weightsSha256() {
    return ModelFolder.sha256(layout(), parameters());
  }

  @Override
  public void close() {
    transformer.close();
  }
}
