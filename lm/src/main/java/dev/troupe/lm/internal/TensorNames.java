package dev.troupe.lm.internal;

import dev.troupe.lm.Architecture.Family;
import java.util.List;

/**
 * What a family's Hugging Face checkpoints call the modules whose weights and biases they hold.
 * Lists name modules that are applied to the same input: together they are one matrix to us.
 *
 * @param block prefix of a block's modules; {@code %d} is its index
 * @param transposed whether matrices of blocks are stored {@code [inputs, outputs]} (GPT-2's {@code
 *     Conv1D}) and not {@code [outputs, inputs]}
 */
record TensorNames(
    String embedding,
    String positions,
    String block,
    String attentionNorm,
    List<String> queryKeyValue,
    String attentionOutput,
    String mlpNorm,
    List<String> mlpUp,
    String mlpDown,
    String norm,
    boolean transposed) {

  private static final TensorNames LLAMA =
      new TensorNames(
          "model.embed_tokens",
          "",
          "model.layers.%d.",
          "input_layernorm",
          List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
          "self_attn.o_proj",
          "post_attention_layernorm",
          List.of("mlp.gate_proj", "mlp.up_proj"),
          "mlp.down_proj",
          "model.norm",
          false);

  private static final TensorNames GPT2 =
      new TensorNames(
          "transformer.wte",
          "transformer.wpe",
          "transformer.h.%d.",
          "ln_1",
          List.of("attn.c_attn"),
          "attn.c_proj",
          "ln_2",
          List.of("mlp.c_fc"),
          "mlp.c_proj",
          "transformer.ln_f",
          true);

  static TensorNames of(Family family) {
    return family == Family.GPT2 ? GPT2 : LLAMA;
  }
}
