package dev.troupe.lm;

/**
 * What the blocks of a model are made of: the few choices in which decoder-only transformers
 * differ. All have norms before attention and MLP, and residual connections around them.
 *
 * <table>
 *   <caption>What follows from the family</caption>
 *   <tr><th>family</th><th>norm</th><th>positions</th><th>MLP</th><th>biases</th></tr>
 *   <tr><td>Llama</td><td>RMS</td><td>rotary</td><td>gated</td><td>as configured</td></tr>
 *   <tr><td>Mistral</td><td>RMS</td><td>rotary</td><td>gated</td><td>none</td></tr>
 *   <tr><td>Qwen2</td><td>RMS</td><td>rotary</td><td>gated</td><td>query, key, value</td></tr>
 *   <tr><td>GPT-2</td><td>layer norm</td><td>learned</td><td>plain</td><td>all</td></tr>
 * </table>
 *
 * <p>Sources: Touvron et al., "LLaMA" (2023); Jiang et al., "Mistral 7B" (2023); Yang et al.,
 * "Qwen2 Technical Report" (2024); Radford et al., "Language Models are Unsupervised Multitask
 * Learners" (2019). Dropout is never applied.
 *
 * @param family decides the names of tensors and of configuration fields too
 * @param activation between the matrices of the MLP
 * @param attentionBias whether query, key and value have biases, and, except in Qwen2, the output
 *     of attention; Llama's {@code attention_bias}, fixed in other families
 * @param mlpBias whether the MLP's matrices have biases; Llama's {@code mlp_bias}, fixed in others
 * @param window tokens that a token sees, itself included (Mistral's {@code sliding_window}); 0 for
 *     all before it
 */
public record Architecture(
    Family family, Activation activation, boolean attentionBias, boolean mlpBias, int window) {

  /** Llama as published: no biases, SiLU. */
  public static final Architecture LLAMA =
      new Architecture(Family.LLAMA, Activation.SILU, false, false, 0);

  /** Qwen2 as published, without sliding windows. */
  public static final Architecture QWEN2 =
      new Architecture(Family.QWEN2, Activation.SILU, true, false, 0);

  /** GPT-2 as published. */
  public static final Architecture GPT2 =
      new Architecture(Family.GPT2, Activation.GELU_TANH, true, true, 0);

  /** A group of models with common names of tensors. */
  public enum Family {
    LLAMA("llama", "LlamaForCausalLM"),
    MISTRAL("mistral", "MistralForCausalLM"),
    QWEN2("qwen2", "Qwen2ForCausalLM"),
    GPT2("gpt2", "GPT2LMHeadModel");

    private final String modelType;
    private final String className;

    Family(String modelType, String className) {
      this.modelType = modelType;
      this.className = className;
    }

    /** {@code model_type} in {@code config.json}. */
    public String modelType() {
      return modelType;
    }

    /** Its class in transformers. */
    public String className() {
      return className;
    }
  }

  /** Elementwise functions. */
  public enum Activation {
    SILU,
    GELU,
    /** GELU by its approximation with tanh: {@code gelu_new}. */
    GELU_TANH,
    RELU
  }

  public Architecture {
    boolean attention = family == Family.QWEN2 || family == Family.GPT2;
    boolean mlp = family == Family.GPT2;
    if (family != Family.LLAMA && (attentionBias != attention || mlpBias != mlp)) {
      throw new IllegalArgumentException(
          "attentionBias, mlpBias: %b, %b (expected: %b, %b in the family %s)"
              .formatted(attentionBias, mlpBias, attention, mlp, family.modelType));
    }
    if (window < 0 || (window > 0 && family != Family.MISTRAL)) {
      throw new IllegalArgumentException(
          "sliding_window: %d (expected: none, or > 0 in the family mistral)".formatted(window));
    }
  }

  /**
   * Mistral as published.
   *
   * @param window tokens that a token sees, or 0 for all before it
   */
  public static Architecture mistral(int window) {
    return new Architecture(Family.MISTRAL, Activation.SILU, false, false, window);
  }

  /** Whether norms subtract the mean and have a bias (Ba et al., 2016); otherwise RMS norms. */
  public boolean layerNorm() {
    return family == Family.GPT2;
  }

  /** Whether each position has a vector that is added to the embedding; otherwise rotary ones. */
  public boolean learnedPositions() {
    return family == Family.GPT2;
  }

  /** Whether a second product gates the first (Shazeer, "GLU Variants", 2020). */
  public boolean gatedMlp() {
    return family != Family.GPT2;
  }

  /** Whether the matrix behind attention has a bias. */
  public boolean attentionOutputBias() {
    return attentionBias && family != Family.QWEN2;
  }
}
