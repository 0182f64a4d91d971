package dev.troupe.lm;

import dev.troupe.tensor.Layout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * A Llama-architecture language model whose parameters live in one flat fp32 buffer.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class CausalLm implements AutoCloseable {

  /** Bytes of gradients that a bucket holds, about; see {@link Layout#buckets()}. */
  public static final int BUCKET_BYTES = 25 << 20;

  private CausalLm() {}

  /**
   * Reads a Hugging Face folder: {@code config.json} and {@code model.safetensors} (or its shards
   * with their index), in fp32, fp16 or bf16.
   *
   * @throws IllegalArgumentException if a file is missing, damaged or not supported
   */
  public static CausalLm load(Path folder) {
    return Skeleton.missing();
  }

  /**
   * Normally distributed weights (standard deviation 0.02, scaled down by sqrt(2 * layers) where a
   * block writes to the residual stream), norms at 1. Depends on {@code seed} alone, not on
   * libtorch's generator.
   */
  public static CausalLm random(LmConfig config, long seed) {
    return Skeleton.missing();
  }

  public LmConfig config() {
    return Skeleton.missing();
  }

  /** Where each parameter lies, and the buckets of gradients. */
  public Layout layout() {
    return Skeleton.missing();
  }

  /**
   * The parameters themselves, fp32, direct, native order, {@code layout().bytes()} long: what is
   * written here is what the model computes with.
   */
  public ByteBuffer parameters() {
    return Skeleton.missing();
  }

  /**
   * Loss, and the gradient of {@code loss.sum() / divisor}.
   *
   * @param divisor loss-counted tokens of the whole global batch
   * @param gradients direct, native order, {@code layout().bytes()} long from its position 0;
   *     overwritten in full
   * @param onBucketReady told a bucket's index once its range of {@code gradients} is final: the
   *     last bucket first, while backward of the earlier layers is still to come
   */
  public Loss forwardBackward(
      Batch batch, double divisor, ByteBuffer gradients, IntConsumer onBucketReady) {
    return Skeleton.missing();
  }

  /** The loss alone. */
  public Loss evaluate(Batch batch) {
    return Skeleton.missing();
  }

  /** Scores of the next token, {@code [rows][time * vocabSize]}. */
  public float[][] logits(Batch batch) {
    return Skeleton.missing();
  }

  /**
   * Continues each prompt greedily, all of them in one batch with a key-value cache.
   *
   * @param stop ids that end an answer; they are not part of it
   * @return the new ids of each prompt, at most {@code maxNewTokens}
   */
  public List<int[]> generate(List<int[]> prompts, int maxNewTokens, Set<Integer> stop) {
    return Skeleton.missing();
  }

  /**
   * Writes a Hugging Face folder: {@code config.json} and {@code model.safetensors} (fp32). Each
   * file appears whole or not at all.
   *
   * @param companions a folder whose tokenizer files, chat template and {@code
   *     generation_config.json} are copied along, or null
   */
  public void save(Path folder, Path companions) {
    Skeleton.missing();
  }

  /** SHA-256, in hex, over names, shapes and bytes of all parameters in the layout's order. */
  public String weightsSha256() {
    return Skeleton.missing();
  }

  @Override
  public void close() {
    Skeleton.missing();
  }
}
